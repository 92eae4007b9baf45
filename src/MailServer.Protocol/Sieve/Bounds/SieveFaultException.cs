namespace MailServer.Protocol.Sieve.Bounds;

/// <summary>Ends a run: a runtime error (RFC 5228 §2.10.6). The run answers with the implicit keep and this message.</summary>
internal sealed class SieveFaultException(string message) : Exception(message);
