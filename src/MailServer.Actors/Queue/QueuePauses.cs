using System.Collections.Frozen;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Queue;

/// <summary>What a change of the pauses did.</summary>
public enum PauseChange
{
    /// <summary>The destination was in that state already.</summary>
    Unchanged,

    /// <summary>The change applies and is stored.</summary>
    Changed,

    /// <summary>The change applies until the server restarts: it could not be stored.</summary>
    NotStored,

    /// <summary>Nothing changed: there are too many pauses.</summary>
    Full,
}

/// <summary>
/// The destinations to which nothing is sent for now. Messages to them stay in the queue and are not tried, so no message is given up meanwhile; each is tried once more when its destination is
/// resumed, however old it is. Only the deadline that a sender has set (DELIVERBY) goes on. Safe for use from any thread.
/// </summary>
public sealed partial class QueuePauses
{
    /// <summary>The most pauses of single domains.</summary>
    public const int Most = 1_000;

    private readonly Lock _lock = new();
    private readonly IQueuePauseStore? _store;
    private readonly TimeProvider _time;
    private readonly IAuditLog _audit;
    private readonly ILogger<QueuePauses> _log;
    private volatile FrozenDictionary<string, QueuePause> _pauses;

    /// <param name="store">Stores the pauses; null to keep them in memory only.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Receives every change.</param>
    /// <param name="log">Receives changes and failures of the store.</param>
    public QueuePauses(IQueuePauseStore? store, TimeProvider time, IAuditLog audit, ILogger<QueuePauses> log)
    {
        (_store, _time, _audit, _log) = (store, time, audit, log);
        _pauses = IndexOf(store?.LoadPauses() ?? []);
    }

    /// <summary>Pauses that are kept in memory only.</summary>
    public static QueuePauses InMemory() => new(null, TimeProvider.System, NullAuditLog.Instance, NullLogger<QueuePauses>.Instance);

    /// <summary>Called after a change, from any thread.</summary>
    public Action? Changed { get; set; }

    /// <summary>The pauses, that of everything first.</summary>
    public IReadOnlyList<QueuePause> List() => [.. _pauses.Values.OrderBy(static p => p.Domain, StringComparer.Ordinal)];

    /// <summary>Whether mail to a domain is paused.</summary>
    public bool IsPaused(string domain)
    {
        var pauses = _pauses;
        return pauses.Count > 0 && (pauses.ContainsKey(QueuePause.Everything) || pauses.ContainsKey(domain));
    }

    /// <summary>Whether nothing is sent to a recipient for now. Mail for a mailbox of this server is never paused.</summary>
    public bool IsPaused(QueueRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return recipient.Mailbox is null && IsPaused(recipient.Address.Domain);
    }

    /// <summary>Whether nothing of a message is sent for now: it has waiting recipients, and all of them are paused.</summary>
    public bool IsPaused(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (_pauses.Count == 0) return false;
        var waiting = item.Recipients.Where(static r => r.State == RecipientState.Waiting).ToList();
        return waiting.Count > 0 && waiting.TrueForAll(IsPaused);
    }

    /// <summary>Pauses mail to a domain.</summary>
    /// <param name="domain">The domain, normalised, or <see cref="QueuePause.Everything"/>.</param>
    /// <param name="reason">The reason, shown to administrators.</param>
    public PauseChange Pause(string domain, string reason)
    {
        var pause = new QueuePause(domain, _time.GetUtcNow(), reason);
        lock (_lock)
        {
            if (_pauses.ContainsKey(domain)) return PauseChange.Unchanged;
            if (_pauses.Count >= Most) return PauseChange.Full;
            _pauses = IndexOf([.. _pauses.Values, pause]);
        }

        LogPaused(domain, reason);
        return Conclude("queue.paused", domain, reason, store => store.SavePause(pause));
    }

    /// <summary>Resumes mail to a domain.</summary>
    public PauseChange Resume(string domain)
    {
        lock (_lock)
        {
            if (!_pauses.ContainsKey(domain)) return PauseChange.Unchanged;
            _pauses = IndexOf(_pauses.Values.Where(p => p.Domain != domain));
        }

        LogResumed(domain);
        return Conclude("queue.resumed", domain, "", store => store.RemovePause(domain));
    }

    /// <summary>Loads changes made by other nodes.</summary>
    public void Reload()
    {
        if (_store is null) return;
        try
        {
            _pauses = IndexOf(_store.LoadPauses());
        }
        catch (DirectoryException e)
        {
            LogNotRead(e);
            return;
        }

        Changed?.Invoke();
    }

    private PauseChange Conclude(string kind, string domain, string reason, Action<IQueuePauseStore> write)
    {
        _audit.Note(new AuditEvent(_time.GetUtcNow(), kind, domain, "server", null, reason));
        var result = PauseChange.Changed;
        try
        {
            if (_store is not null) write(_store);
        }
        catch (DirectoryException e)
        {
            LogNotStored(e);
            result = PauseChange.NotStored;
        }

        Changed?.Invoke();
        return result;
    }

    private static FrozenDictionary<string, QueuePause> IndexOf(IEnumerable<QueuePause> pauses) => pauses.ToFrozenDictionary(static p => p.Domain, StringComparer.Ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Outgoing mail to {Domain} is paused: {Reason}")]
    private partial void LogPaused(string domain, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Outgoing mail to {Domain} is resumed")]
    private partial void LogResumed(string domain);

    [LoggerMessage(Level = LogLevel.Error, Message = "A pause of the queue could not be stored")]
    private partial void LogNotStored(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pauses of the queue could not be read")]
    private partial void LogNotRead(Exception exception);
}
