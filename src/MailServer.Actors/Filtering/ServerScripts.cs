using MailServer.Protocol.Sieve.Bounds;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Filtering;

/// <summary>The scripts of the administrator, which run before and after those of each account, and what all accounts share. Thread-safe; changed by a reload.</summary>
/// <param name="sendsPerHour">How many messages the scripts of one account may send in an hour.</param>
public sealed class ServerScripts(int sendsPerHour)
{
    /// <summary>The number of messages an hour unless the configuration has another.</summary>
    public const int DefaultSendsPerHour = 100;

    private volatile Pair _current = new(null, null);

    /// <summary>How many messages the scripts of one account may send in an hour: redirected ones, automatic replies and notifications.</summary>
    public int SendsPerHour { get; } = sendsPerHour;

    /// <summary>Opens the scripts of a domain, which the administrator writes; null: domains have none. Each result has one user.</summary>
    public Func<string, ScriptFolder>? Domains { get; init; }

    /// <summary>The bounds of one run.</summary>
    public SieveLimits Limits { get; } = SieveLimits.Default;

    /// <summary>The compiled scripts of all accounts.</summary>
    public ScriptCache Cache { get; } = new(SieveLimits.Default);

    /// <summary>The script that runs before the account's; null for none.</summary>
    public CompiledScript? Before => _current.Before;

    /// <summary>The script that runs after the account's, if that leaves the message where it is; null for none.</summary>
    public CompiledScript? After => _current.After;

    /// <summary>Replaces both scripts. Messages that are being delivered keep those with which they began.</summary>
    public void Set(ReadOnlyMemory<byte>? before, ReadOnlyMemory<byte>? after) => _current = new Pair(
        before is { } first ? Cache.Compile("before", first.Span) : null, after is { } last ? Cache.Compile("after", last.Span) : null);

    private sealed record Pair(CompiledScript? Before, CompiledScript? After);
}
