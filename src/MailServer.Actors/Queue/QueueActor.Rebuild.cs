using Akka.Actor;
using MailServer.Domain.Messages;
using MailServer.Storage.Journal;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

// A journal that is damaged, removed or replaced while the server is running is handled like one found at start: all partitions stop, the file is set
// aside, and the queue is rebuilt from the envelopes in the spool.
internal sealed partial class QueueActor
{
    /// <summary>A file that is damaged again and again is on a failing disk; each copy of it takes space.</summary>
    private const int MaxRebuilds = 3;
    private const string RestartRemedy = "check the disk, then restart the server: it sets an unreadable journal aside and rebuilds the queue from the spool";

    /// <summary>
    /// Time until the spool is read: delivery workers have then removed the messages that were refused when the partitions stopped, and the last writes to the
    /// journal have ended.
    /// </summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    private readonly HashSet<IActorRef> _stopping = [];
    private int _rebuilds;

    private void Rebuild(JournalFile journal, string fault)
    {
        if (++_rebuilds > MaxRebuilds)
        {
            _needsRestart = true;
            Report($"{journal.Path} {fault}", RestartRemedy);
            return;
        }

        _isRebuilding = true;
        LogRebuilding(journal.Path, fault);
        Report($"{journal.Path} {fault}", "the server rebuilds it from the spool now");
        foreach (var gate in _gates)
        {
            if (gate.Actor is { } partition && _stopping.Add(partition)) Context.Stop(partition);
            gate.Close($"the outbound queue is being rebuilt because {journal.Path} {fault}");
        }

        Timers.StartSingleTimer(nameof(OpenJournalTick), OpenJournalTick.Instance, Settle);
    }

    /// <summary>
    /// Finds the queued messages. Files without an envelope are not queued: other parts of the running server are working with them, or the next start sets
    /// them aside.
    /// </summary>
    private void ReadSpoolAgain()
    {
        _requeued.Clear();
        try
        {
            _spooled = [.. _services.Spool.List().Where(_services.Spool.Envelopes.Contains)];
        }
        catch (IOException e)
        {
            LogSpoolNotRead(e);
            _needsRestart = true;
        }
    }

    /// <summary>True when a message that was in the spool is gone: it was delivered, or refused.</summary>
    private bool IsGone(SpoolId message) => !_services.Spool.Contains(message) && !_services.Spool.Envelopes.Contains(message);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Journal} {Fault}: rebuilding it from the spool")]
    private partial void LogRebuilding(string journal, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool could not be read; messages that the journal lacks are queued at the next start")]
    private partial void LogSpoolNotRead(Exception exception);
}
