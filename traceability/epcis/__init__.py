"""Exchange of events with other companies by GS1 EPCIS 2.0 and the Core Business Vocabulary."""
