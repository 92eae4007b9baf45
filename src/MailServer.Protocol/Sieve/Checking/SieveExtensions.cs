namespace MailServer.Protocol.Sieve.Checking;

/// <summary>The extensions that scripts can require.</summary>
internal static class SieveExtensions
{
    /// <summary>The names, in the order of their registration.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "fileinto", "envelope", "encoded-character", "comparator-i;octet", "comparator-i;ascii-casemap", "comparator-i;ascii-numeric",
        "comparator-i;unicode-casemap", "copy", "body", "environment", "variables", "vacation", "vacation-seconds", "relational", "imap4flags", "subaddress",
        "spamtest", "spamtestplus", "virustest", "date", "index", "editheader", "reject", "ereject", "enotify", "ihave", "mailbox", "mboxmetadata",
        "servermetadata", "mime", "foreverypart", "extracttext", "replace", "enclose", "include", "extlists", "duplicate", "special-use", "fcc", "mailboxid", "redirect-dsn", "redirect-deliverby", "regex",
    ];

    private static readonly HashSet<string> Known = new(All, StringComparer.Ordinal);

    public static bool IsKnown(string name) => Known.Contains(name);

    /// <summary>Extensions that come with another one.</summary>
    public static IReadOnlyList<string> Implied(string name) => name switch
    {
        "vacation-seconds" => ["vacation"],
        "spamtestplus" => ["spamtest"],
        _ => [],
    };
}
