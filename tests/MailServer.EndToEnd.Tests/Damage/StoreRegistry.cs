using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>A database as described in the registry of the server.</summary>
public sealed record RegisteredStore(string Name, bool IsOfAccount, string Recovery)
{
    /// <summary>True for data that has no other source: a command repairs it, and it is never replaced silently.</summary>
    public bool IsRepaired => Recovery == "Repaired";
}

/// <summary>The registry of the server's databases, parsed from its source: these tests know the server only from the outside.</summary>
public static partial class StoreRegistry
{
    public static IReadOnlyList<RegisteredStore> All { get; } =
    [
        .. Row().Matches(File.ReadAllText(Path.Combine(ProjectPaths.Root, "src", "MailServer.Storage", "Health", "DatabaseKind.cs")))
            .Select(static m => new RegisteredStore(m.Groups["name"].Value, m.Groups["account"].Value == "true", m.Groups["recovery"].Value)),
    ];

    [GeneratedRegex("new\\(\"(?<name>[a-z-]+\\.db)\", (?<account>true|false), StoreRecovery\\.(?<recovery>[A-Za-z]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Row();
}
