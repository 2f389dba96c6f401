"""What the pages say, in French and English. Templates name a phrase, never a language."""

from __future__ import annotations

_PHRASES: dict[str, tuple[str, str]] = {
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
    "rule_first": ("premier avis vu de cette procédure", "first notice seen of this procedure"),
    "rule_declared": ("lien déclaré par l’avis", "link declared by the notice"),
    "rule_title": ("même acheteur, même titre", "same buyer, same title"),
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
    "problem_405": ("Cette adresse ne se demande pas ainsi", "This address is not asked this way"),
}


def phrases(language: str) -> dict[str, str]:
    """Return every phrase in a language."""
    place = 0 if language == "fr" else 1
    return {name: both[place] for name, both in _PHRASES.items()}
