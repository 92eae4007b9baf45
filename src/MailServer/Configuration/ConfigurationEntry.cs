namespace MailServer.Configuration;

/// <summary>One value of the configuration with its path, such as <c>server.hostname</c>, or <c>server.listen.0</c> for an item of a list.</summary>
internal sealed record ConfigurationEntry(string Path, string Value, string Source, int Line);
