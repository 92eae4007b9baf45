namespace MailServer.Domain.TransportSecurity;

/// <summary>The TXT record that announces an MTA-STS policy and its id (RFC 8461 §3.1).</summary>
public static class MtaStsRecord
{
    private const int MaxId = 32;
    private const string Version = "v=STSv1";

    public static string NameFor(string domain) => "_mta-sts." + domain;

    /// <summary>The host that serves the policy (RFC 8461 §3.3).</summary>
    public static string HostFor(string domain) => "mta-sts." + domain;

    /// <summary>The path of the policy on that host.</summary>
    public const string Path = "/.well-known/mta-sts.txt";

    public static string Write(string id) => $"{Version}; id={id};";

    /// <summary>Returns the id of the single valid record; null, with the fault if any, when there is not exactly one.</summary>
    public static string? IdOf(IEnumerable<string> texts, out string? fault)
    {
        var records = texts.Where(static t => t == Version || t.StartsWith(Version + ";", StringComparison.Ordinal) || t.StartsWith(Version + " ", StringComparison.Ordinal)).ToArray();
        fault = null;
        if (records.Length == 0) return null;
        if (records.Length > 1)
        {
            fault = "there is more than one record";
            return null;
        }

        var id = records[0].Split(';', StringSplitOptions.TrimEntries).FirstOrDefault(static f => f.StartsWith("id=", StringComparison.Ordinal))?[3..];
        if (id is { Length: > 0 and <= MaxId } && id.All(char.IsAsciiLetterOrDigit)) return id;
        fault = "it has no valid id";
        return null;
    }
}
