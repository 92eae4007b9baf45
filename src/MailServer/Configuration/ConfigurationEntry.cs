namespace MailServer.Configuration;

/// <summary>One value of a configuration: <c>server.listen</c>, in the file's list <c>server.listen.0</c>.</summary>
internal sealed record ConfigurationEntry(string Path, string Value, string Source, int Line);
