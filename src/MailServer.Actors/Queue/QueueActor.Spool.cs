using MailServer.Domain.Delivery;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Domain.Messages;
using MailServer.Storage.Journal;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

// Compares the spool at start with the journal. A message that the journal does not contain is queued again from its envelope. One without an envelope
// was never acknowledged, and is set aside unless a mailbox has it. In a cluster a node checks its own files only.
internal sealed partial class QueueActor
{
    private const int AskedAtOnce = 1_000;
    private const string SetAsideSubject = "queue journal";
    private const string UnexplainedSubject = "spool";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(20);

    private readonly Dictionary<SpoolId, QueueItem> _requeued = [];
    private HashSet<SpoolId> _spooled;
    private JournalOpenResult? _opening;
    private int _queuedAgain;
    private int _setAside;

    private bool OnSpool(object message)
    {
        switch (message)
        {
            case QueueProtocol.UnknownMessages unknown:
                OnUnknown(unknown);
                return true;
            case QueueProtocol.Enqueued enqueued:
                if (enqueued.Taken && _requeued.Remove(enqueued.Message)) ConcludeWhenDone();
                return true;
            case QueueProtocol.Unavailable:
                // Included in the next round.
                return true;
            case OrphanScanTick:
                FindOrphans();
                return true;
            default:
                return false;
        }
    }

    private void FindOrphans()
    {
        foreach (var group in _spooled.GroupBy(PartitionOf))
            foreach (var some in group.Chunk(AskedAtOnce)) Send(new QueueProtocol.FindUnknown(group.Key, some), Self);
        foreach (var item in _requeued.Values) Send(new QueueProtocol.Enqueue(item), Self);
        ConcludeWhenDone();
    }

    private void OnUnknown(QueueProtocol.UnknownMessages unknown)
    {
        foreach (var message in unknown.Messages.Where(_spooled.Contains)) TryExplain(message);
        _spooled.ExceptWith(unknown.Asked);
        ConcludeWhenDone();
    }

    /// <summary>Handles one message; a file that cannot be read or moved stays in place and does not stop the others.</summary>
    private void TryExplain(SpoolId message)
    {
        try
        {
            Explain(message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotExplained(e, message);
        }
    }

    /// <summary>Handles a message in the spool that no partition contains.</summary>
    private void Explain(SpoolId message)
    {
        if (IsGone(message)) return;
        var envelope = QueueEnvelope.Find(_services.Spool, message);
        var isThere = _services.Spool.Contains(message);
        if (isThere && envelope is { IsFinished: false })
        {
            _requeued[message] = envelope;
            _queuedAgain++;
            Send(new QueueProtocol.Enqueue(envelope), Self);
        }
        else if (envelope is { IsFinished: true } || (_condition == JournalCondition.Continued && (!isThere || _services.Spool.IsLinked(message))))
        {
            // Finished, or already in a mailbox: only the removal of its file was interrupted.
            _services.Spool.Remove(message);
        }
        else
        {
            _services.Spool.SetAside(message);
            _setAside++;
        }
    }

    private void ConcludeWhenDone()
    {
        if (_spooled.Count > 0 || _requeued.Count > 0)
        {
            Timers.StartSingleTimer(nameof(OrphanScanTick), OrphanScanTick.Instance, AskAgain);
            return;
        }

        Timers.Cancel(nameof(OrphanScanTick));
        if (_queuedAgain > 0 || _setAside > 0) LogReconciled(_queuedAgain, _setAside, _services.Spool.Unexplained);
        ReportOpening();
        (_queuedAgain, _setAside, _opening) = (0, 0, null);
    }

    private void ReportOpening()
    {
        if (_opening is not { } opening || (opening.Condition == JournalCondition.Continued && opening.SetAside is null)) return;
        if (opening.Condition == JournalCondition.New && opening.SetAside is null && _queuedAgain + _setAside == 0) return;
        var what = opening switch
        {
            { SetAside: { } aside } => $"{_services.Journal!.Path} {Past(opening.Fault!)} and is now {aside}",
            { Condition: JournalCondition.Replaced } => $"{_services.Journal!.Path} is an older copy, or that of another server",
            _ => $"{_services.Journal!.Path} was missing",
        };
        _services.Problems.Report(new NodeProblem(
            SetAsideSubject,
            $"{what}; {Messages(_queuedAgain, "queued again from the spool")}, and some recipients may get duplicates",
            "check 'mailserver queue list'; this problem is cleared at the next start"));
        if (_setAside > 0)
            _services.Problems.Report(new NodeProblem(
                UnexplainedSubject, $"{Messages(_setAside, "moved to " + _services.Spool.Unexplained)} (no journal entry, no envelope)", "review the files and delete them"));
    }

    private static string Messages(int count, string done) =>
        $"{Quantity.Of(count, "message was", "messages were")} {done}";

    private static string Past(string fault) => fault.StartsWith("is ", StringComparison.Ordinal) ? "was " + fault[3..] : fault;

    private sealed record OrphanScanTick
    {
        public static OrphanScanTick Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Spool message {Message} is not in the journal and cannot be read or set aside")]
    private partial void LogNotExplained(Exception exception, SpoolId message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Spool checked against the journal: {Queued} queued again, {SetAside} without an envelope moved to {Folder}")]
    private partial void LogReconciled(int queued, int setAside, string folder);
}
