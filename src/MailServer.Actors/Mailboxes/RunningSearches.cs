using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>Searches that take several turns. Other messages are handled between the turns: a search through all bodies does not delay deliveries.</summary>
internal sealed class RunningSearches(RecoverableMailbox mailbox, IActorRef self)
{
    private const int Slice = 2_000;

    private readonly List<RunningSearch> _searches = [];

    public int Count => _searches.Count;

    /// <summary>Begins a search, a sort or the gathering of threads.</summary>
    /// <returns>The reply, or null if it follows in a later turn.</returns>
    public MailboxReply? Begin<T>(MailboxResult<T> outcome, RequestOrigin client)
        where T : IIncrementalRequest
    {
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        if (outcome.Value.Step(Slice)) return outcome.Value.Reply;
        _searches.Add(new RunningSearch(client, outcome.Value));
        if (_searches.Count == 1) self.Tell(ContinueSearchTurn.Instance);
        return null;
    }

    /// <summary>Runs one slice of the oldest search.</summary>
    public void Continue()
    {
        // All searches may have been refused since the turn was requested.
        if (_searches.Count == 0) return;
        var search = _searches[0];
        _searches.RemoveAt(0);
        try
        {
            if (search.Run.Step(Slice)) search.Client.Reply(search.Run.Reply, self);
            else _searches.Add(search);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Refuse(search);
            mailbox.Recover(e, nameof(MailboxRequest.Search));
        }

        if (_searches.Count > 0) self.Tell(ContinueSearchTurn.Instance);
    }

    /// <summary>Refuses all searches temporarily.</summary>
    public void Refuse()
    {
        foreach (var search in _searches) Refuse(search);
        _searches.Clear();
    }

    /// <summary>Refuses the searches of a session temporarily.</summary>
    public void Refuse(IActorRef session)
    {
        foreach (var search in _searches.Where(s => s.Client.Actor.Equals(session))) Refuse(search);
        _searches.RemoveAll(s => s.Client.Actor.Equals(session));
    }

    private void Refuse(RunningSearch search) => search.Client.Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable), self);

    private sealed record RunningSearch(RequestOrigin Client, IIncrementalRequest Run);
}
