using MailServer.Storage.Health;

namespace MailServer.Storage.Trust;

/// <summary>How often and when something that is greylisted came. Times in Unix seconds.</summary>
public readonly record struct GreylistEntry(long First, long Last, int Passes);

/// <summary>What one account sent to other hosts within some hours.</summary>
public readonly record struct SentMail(long Messages, long Recipients, long NewRecipients);

/// <summary>
/// What must be remembered of senders between messages and restarts (<c>trust.db</c>): greylisted triplets, who has written to whom, what each
/// account has sent. Nothing in it is mail: commits are not flushed one by one, a power cut may forget the last seconds, and a damaged file is
/// replaced by an empty one. Safe to use from several threads.
/// </summary>
public sealed class TrustStore : IDisposable
{
    private readonly RebuildableStore<TrustTables> _tables;

    private TrustStore(RebuildableStore<TrustTables> tables) => _tables = tables;

    /// <summary>Opens or makes the database.</summary>
    public static TrustStore Open(string path, TimeProvider time, StoreProblems? problems = null) =>
        new(new RebuildableStore<TrustTables>(StoreFile.Trust, path, file => TrustTables.Open(file, time), problems ?? StoreProblems.Unheard, time));

    public GreylistEntry? FindTriplet(string key) => _tables.Do(tables => tables.FindTriplet(key));

    public void SaveTriplet(string key, GreylistEntry entry) => _tables.Do(tables => tables.SaveTriplet(key, entry));

    public long CountTriplets() => _tables.Do(static tables => tables.CountTriplets());

    /// <summary>Whether one of ours and that address have exchanged mail.</summary>
    public bool IsContact(string own, string other) => _tables.Do(tables => tables.IsContact(own, other));

    public void SaveContact(string own, string other) => _tables.Do(tables => tables.SaveContact(own, other));

    /// <summary>What an account has sent in so many hours, this one counted.</summary>
    public SentMail Sent(long account, int hours) => _tables.Do(tables => tables.Sent(account, hours));

    public void AddSent(long account, int recipients, int newRecipients) => _tables.Do(tables => tables.AddSent(account, recipients, newRecipients));

    public void Dispose() => _tables.Dispose();
}
