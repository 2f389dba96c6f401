"""CPV codes by NLP: a spaCy component, the small model that ships with it, and how it is trained and measured."""
