using MailServer.Storage.Health;

namespace MailServer.Storage.Trust;

/// <summary>The state of a greylisting triplet. Times are in seconds of Unix time.</summary>
public readonly record struct GreylistEntry(long First, long Last, int Passes);

/// <summary>Numbers of messages and recipients that an account sent to other hosts within some hours.</summary>
public readonly record struct SentMailCounts(long Messages, long Recipients, long NewRecipients);

/// <summary>
/// What is remembered about senders across messages and restarts (<c>trust.db</c>): greylisting triplets, contacts,
/// and the volume of sent mail per account. It contains no mail: commits are not flushed individually, a power cut
/// may lose the last seconds, and a damaged file is replaced by an empty one. Safe for use from several threads.
/// </summary>
public sealed class TrustStore : IDisposable
{
    private readonly RebuildableStore<TrustTables> _tables;

    private TrustStore(RebuildableStore<TrustTables> tables) => _tables = tables;

    /// <summary>Opens or creates the database.</summary>
    public static TrustStore Open(string path, TimeProvider time, StoreProblems? problems = null) =>
        new(new RebuildableStore<TrustTables>(DatabaseKind.Trust, path, file => TrustTables.Open(file, time), problems ?? StoreProblems.Discarding, time));

    public GreylistEntry? FindTriplet(string key) => _tables.Do(tables => tables.FindTriplet(key));

    public void SaveTriplet(string key, GreylistEntry entry) => _tables.Do(tables => tables.SaveTriplet(key, entry));

    public long CountTriplets() => _tables.Do(static tables => tables.CountTriplets());

    /// <summary>True if a local address and another address have exchanged mail.</summary>
    public bool IsContact(string own, string other) => _tables.Do(tables => tables.IsContact(own, other));

    public void SaveContact(string own, string other) => _tables.Do(tables => tables.SaveContact(own, other));

    /// <summary>Returns what an account has sent in the last hours, including the current one.</summary>
    public SentMailCounts Sent(long account, int hours) => _tables.Do(tables => tables.Sent(account, hours));

    public void AddSent(long account, int recipients, int newRecipients) => _tables.Do(tables => tables.AddSent(account, recipients, newRecipients));

    public void Dispose() => _tables.Dispose();
}
