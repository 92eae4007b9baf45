using System.Collections;

namespace MailServer.Configuration;

/// <summary>
/// Reads configuration entries from environment variables: <c>MAILSERVER_SERVER__HOSTNAME</c> is <c>server.hostname</c>, <c>MAILSERVER_DOMAINS__0__NAME</c>
/// is <c>domains.0.name</c>. Commas separate the items of a list; an empty value is an empty list. Variables without <c>__</c> are ignored.
/// </summary>
internal static class EnvironmentEntries
{
    private const string Prefix = "MAILSERVER_";

    public static List<ConfigurationEntry> Read(IDictionary environment)
    {
        var entries = new List<ConfigurationEntry>();
        foreach (DictionaryEntry variable in environment)
        {
            if (variable is not { Key: string name, Value: string value } || !name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            if (!name.Contains("__", StringComparison.Ordinal)) continue;
            var path = name[Prefix.Length..].Replace("__", ".", StringComparison.Ordinal).ToLowerInvariant();
            entries.Add(new ConfigurationEntry(path, value, name, 0));
        }

        return entries;
    }
}
