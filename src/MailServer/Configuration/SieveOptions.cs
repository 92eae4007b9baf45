using MailServer.Actors.Filtering;

namespace MailServer.Configuration;

/// <summary>Section <c>sieve</c>.</summary>
public sealed record SieveOptions
{
    [Key(
        "A Sieve script that runs for every message before the script of its account. If it files, redirects, discards or refuses the message, the account's script does not run.",
        Example = "/etc/mailserver/before.sieve", IsFileReread = true)]
    public string? Before { get; init; }

    [Key("A Sieve script that runs after the script of the account, if that leaves the message in the inbox.", Example = "/etc/mailserver/after.sieve", IsFileReread = true)]
    public string? After { get; init; }

    [Key("How many messages the scripts of one account may send in an hour: redirected ones, automatic replies and notifications. Further mail is kept, and the account is told.", Max = 100_000)]
    public int SendsPerHour { get; init; } = ServerScripts.DefaultSendsPerHour;
}
