namespace MailServer.Protocol.ContentLines;

/// <summary>The <c>prop</c> element (RFC 4791 §9.6.4, RFC 6352 §10.4.2): a requested property, optionally without its value.</summary>
public readonly record struct RequestedProperty(string Name, bool NoValue);
