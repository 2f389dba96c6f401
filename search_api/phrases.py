"""What the pages say, in French and English. Templates name a phrase, never a language."""

from __future__ import annotations

_PHRASES: dict[str, tuple[str, str]] = {
    "colon": ("\u00a0:", ":"),
    "skip": ("Aller au contenu", "Skip to content"),
    "search": ("Rechercher", "Search"),
    "back": ("Rechercher d’autres marchés", "Search other tenders"),
    "decide": ("Pour décider", "To decide"),
    "reference": ("Référence", "Reference"),
    "seen_on": ("Vu sur", "Seen on"),
    "according_to": ("selon", "according to"),
    "answer_on": ("Voir l’avis sur", "See the notice on"),
    "buyer": ("Acheteur", "Buyer"),
    "other_buyers": ("Autres acheteurs", "Other buyers"),
    "buyer_type": ("Type d’acheteur", "Type of buyer"),
    "place": ("Lieu", "Place"),
    "value": ("Montant estimé", "Estimated value"),
    "no_value": ("Montant non publié", "Value not published"),
    "nature": ("Nature", "Nature"),
    "procedure": ("Procédure", "Procedure"),
    "published": ("Publié le", "Published on"),
    "lots": ("Lots", "Lots"),
    "lots_stated": ("annoncés, non détaillés", "stated, not detailed"),
    "lot": ("Lot", "Lot"),
    "subject": ("Objet", "Subject"),
    "deadline": ("Date limite", "Deadline"),
    "not_stated": ("non dit", "not stated"),
    "documents": ("Documents", "Documents"),
    "size": ("Taille", "Size"),
    "awards": ("Attribution", "Award"),
    "whole": ("Ensemble", "Whole"),
    "winner": ("Titulaire", "Winner"),
    "nobody_won": ("Sans titulaire", "Nobody won"),
    "amount": ("Montant", "Value"),
    "bids": ("Offres", "Bids"),
    "date": ("Date", "Date"),
    "responsible": ("Achat responsable", "Responsible buying"),
    "yes": ("Oui, déclaré", "Yes, declared"),
    "no": ("Non, déclaré", "No, declared"),
    "cpv_published": ("CPV publié par l’acheteur", "CPV published by the buyer"),
    "cpv_possible": ("Codes possibles", "Possible codes"),
    "what_kind": ("Catégorie (CPV)", "Category (CPV)"),
    "every_kind": ("Toutes", "All"),
    "cpv_estimates_counted": (
        "Les codes CPV estimés comptent là où l’acheteur n’en publie pas.",
        "Estimated CPV codes count where the buyer publishes none.",
    ),
    "cpv_published_only": ("Seulement les CPV publiés", "Published CPV only"),
    "cpv_published_counted": ("Seuls les codes CPV publiés comptent.", "Only published CPV codes count."),
    "cpv_with_estimates": ("Compter aussi les CPV estimés", "Count estimated CPV too"),
    "otherwise": ("D’autres avis disent autrement", "Other notices say otherwise"),
    "history": ("Histoire de la procédure", "History of the procedure"),
    "first_seen": ("Vu pour la première fois", "First seen"),
    "changed": ("Modifié", "Changed"),
    "before": ("avant", "before"),
    "now": ("maintenant", "now"),
    "by_notice": ("par l’avis", "by notice"),
    "notices": ("Avis de cette procédure", "Notices of this procedure"),
    "notice": ("Avis", "Notice"),
    "kind": ("Nature de l’avis", "Kind of notice"),
    "why_here": ("Pourquoi il est ici", "Why it stands here"),
    "about": (
        "Tenderwatch réunit les avis de marchés publics et fait une seule fiche de chaque procédure.",
        "Tenderwatch gathers public procurement notices and makes one record of each procedure.",
    ),
    "what": ("Que cherchez-vous ?", "What are you looking for?"),
    "hint": (
        (
            "Plusieurs mots : tous doivent s’y trouver. OU entre deux choix, - devant un mot à exclure, "
            '"…" autour d’une expression, * à la fin d’un début de mot.'
        ),
        (
            "Several words: all must be there. OR between alternatives, - before a word to leave out, "
            '"…" around a phrase, * at the end of a beginning.'
        ),
    ),
    "example": ("toiture OU couverture école -amiante", "roof OR toiture school -asbestos"),
    "which": ("Lesquels ?", "Which ones?"),
    "all": ("Tous", "All"),
    "department": ("Département", "Département"),
    "everywhere": ("Partout", "Everywhere"),
    "results_one": ("marché", "tender"),
    "results_many": ("marchés", "tenders"),
    "none_found": (
        "Aucun marché ne répond à cette recherche. Retirez un mot, ou cherchez parmi tous les marchés.",
        "No tender answers this search. Take out a word, or search among all tenders.",
    ),
    "follow": ("Suivre cette recherche", "Follow this search"),
    "next": ("Suite", "Next"),
    "api": ("API (JSON)", "API (JSON)"),
    "openapi": ("Description OpenAPI", "OpenAPI description"),
    "trade": ("Quels codes CPV pour mon métier\u00a0?", "Which CPV codes fit my trade?"),
    "trade_hint": (
        "Décrivez ce que vous vendez comme à un client, ou donnez un code. Les acheteurs classent leurs marchés ainsi.",
        "Describe what you sell as you would to a customer, or give a code. Buyers file their tenders under these.",
    ),
    "trade_example": ("je pose des fenêtres", "I fit windows"),
    "trade_ask": ("Trouver mes codes", "Find my codes"),
    "trade_nature": ("Je vends", "I sell"),
    "trade_any": ("je ne sais pas", "I do not know"),
    "trade_sure": ("Le code le plus probable", "The most likely code"),
    "trade_sures": ("Les codes les plus probables", "The most likely codes"),
    "trade_unsure": ("Plusieurs codes sont possibles", "Several codes are possible"),
    "trade_unsure_text": (
        "Aucun n’est assez sûr pour être coché d’avance\u00a0: lisez les intitulés, ou ajoutez un mot.",
        "None is sure enough to be ticked beforehand: read the names, or add a word.",
    ),
    "trade_finer": ("Codes plus précis", "More precise codes"),
    "trade_official": ("Codes dont l’intitulé contient vos mots", "Codes whose name has your words"),
    "trade_under": ("Codes qui commencent ainsi", "Codes that begin so"),
    "trade_because": ("d’après", "because of"),
    "trade_near": ("Codes voisins de", "Codes near"),
    "trade_broader": ("Plus large", "Broader"),
    "trade_narrower": ("Plus précis", "More precise"),
    "trade_beside": ("À côté", "Beside it"),
    "trade_search": ("Voir les marchés de ces codes", "See the tenders under these codes"),
    "trade_then": (
        (
            "Un code large contient tous ceux qui commencent par les mêmes chiffres. La liste de résultats se suit "
            "ensuite par Atom ou RSS. Sans code publié par l’acheteur, le code estimé compte."
        ),
        (
            "A broad code holds all those that begin with the same digits. The list of results can then be followed by "
            "Atom or RSS. Where the buyer published no code, the estimated one counts."
        ),
    ),
    "trade_nothing": ("Aucun code trouvé", "No code found"),
    "trade_nothing_text": (
        (
            "Nommez le produit, l’ouvrage ou le service plutôt que votre entreprise\u00a0: "
            "«\u00a0pose de fenêtres\u00a0», «\u00a0entretien de chaudières\u00a0», «\u00a0repas scolaires\u00a0». "
            "Ou partez d’un des domaines ci-dessous."
        ),
        (
            "Name the product, the work or the service rather than your company: “fitting windows”, “boiler "
            "maintenance”, “school meals”. Or start from one of the fields below."
        ),
    ),
    "trade_fields": ("Parcourir les 45 domaines", "Browse the 45 fields"),
    "sure_3": ("très probable", "very likely"),
    "sure_2": ("probable", "likely"),
    "sure_1": ("possible", "possible"),
    "sure_0": ("peu sûr", "not sure"),
    "mark": ("Signaler un code inexact", "Report a wrong code"),
    "mark_lead": (
        (
            "Votre remarque sera lue par une personne. Elle aide à mieux estimer les codes\u00a0; un code publié par "
            "l’acheteur reste toujours affiché tel quel."
        ),
        (
            "A person will read your remark. It helps to estimate codes better; a code published by the buyer is "
            "always shown as it is."
        ),
    ),
    "mark_which": ("Quel code ne convient pas\u00a0?", "Which code is wrong?"),
    "mark_official": ("publié par l’acheteur", "published by the buyer"),
    "mark_predicted": ("estimé", "estimated"),
    "mark_proposed": (
        "Quel code conviendrait\u00a0? (facultatif, trois au plus)",
        "Which would fit? (optional, up to three)",
    ),
    "mark_find": ("Chercher un code par son intitulé", "Find a code by its name"),
    "mark_send": ("Envoyer la remarque", "Send the remark"),
    "mark_thanks": ("Merci, votre remarque est enregistrée", "Thank you, your remark is kept"),
    "mark_none": ("Ce marché n’a aucun code, ni publié ni estimé.", "This tender has no code, published or estimated."),
    "mark_choose": ("Choisissez le code qui ne convient pas.", "Choose the code that is wrong."),
    "mark_unread": (
        "Un code compte 2 à 8 chiffres et figure dans la nomenclature CPV, par exemple 45421. Trois codes au plus.",
        "A code has 2 to 8 digits and stands in the CPV vocabulary, such as 45421. Three codes at most.",
    ),
    "mark_old": (
        "Ce formulaire n’est plus valable. Vérifiez votre choix, puis envoyez-le de nouveau.",
        "This form is no longer valid. Check your choice, then send it again.",
    ),
    "mark_back": ("Revenir au marché", "Back to the tender"),
    "not_understood": ("Cette recherche n’a pas été comprise", "This search was not understood"),
    "problem_400": ("Cette demande n’a pas été comprise", "This request was not understood"),
    "problem_404": ("Cette page n’existe pas", "This page does not exist"),
    "problem_404_text": (
        "Le marché ou la page demandés ne sont pas connus. Vérifiez l’adresse, ou cherchez.",
        "The tender or page asked for is not known. Check the address, or search.",
    ),
    "problem_503": ("Le service ne répond pas pour le moment", "The service cannot answer now"),
    "problem_503_text": (
        "Rien n’est perdu : réessayez dans quelques instants.",
        "Nothing is lost: try again in a moment.",
    ),
    "problem_500": ("Une erreur s’est produite de notre côté", "Something went wrong on our side"),
    "problem_500_text": (
        "Elle a été notée. Réessayez plus tard.",
        "It has been written down. Try again later.",
    ),
    "problem_413": ("Ce texte est trop long", "This text is too long"),
    "problem_413_text": ("Raccourcissez-le, puis envoyez-le de nouveau.", "Shorten it and send it again."),
    "problem_429": ("Trop de demandes à la fois", "Too many requests at once"),
    "problem_429_text": ("Attendez un peu, puis réessayez.", "Wait a little and try again."),
    "problem_405": ("Cette adresse ne se demande pas ainsi", "This address is not asked this way"),
}


def phrases(language: str) -> dict[str, str]:
    """Return every phrase in a language."""
    place = 0 if language == "fr" else 1
    return {name: both[place] for name, both in _PHRASES.items()}
