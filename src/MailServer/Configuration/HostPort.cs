namespace MailServer.Configuration;

/// <summary>A host and its port.</summary>
public sealed record HostPort(string Host, int Port);
