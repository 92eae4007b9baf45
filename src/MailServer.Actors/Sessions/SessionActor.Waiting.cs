using Akka.Actor;
using MailServer.Domain;

namespace MailServer.Actors.Sessions;

// Every wait of a session ends: with its answer, or at a deadline with an answer that refuses for now. A late answer is never taken for that of
// another question.
internal abstract partial class SessionActor
{
    private long _wait;
    private long _waitingSince;

    /// <summary>How long the answer to what is under way may take (<see cref="Limits"/>).</summary>
    protected abstract TimeSpan Patience { get; }

    private bool IsOverdue
    {
        get
        {
            if (!_waiting || Patience == Timeout.InfiniteTimeSpan) return false;
            if (Services.Time.GetElapsedTime(_waitingSince) > Patience) return true;
            return _ending is not null && Services.Time.GetElapsedTime(_endingSince) > Services.Limits.EndingAnswer;
        }
    }

    /// <summary>Gives the protocol session the answer that it waits for.</summary>
    protected abstract void Take(object answer);

    /// <summary>Answers for whoever did not: not available now. False: there is no such answer, and the connection is cut.</summary>
    protected abstract bool TakeUnavailable();

    /// <summary>Gives up what a late answer brings.</summary>
    protected virtual void Drop(object answer)
    {
    }

    /// <summary>Waits for the result of <paramref name="pending"/>, which is then given to <see cref="Take"/>.</summary>
    protected Step WaitFor<T>(Task<T> pending)
        where T : class
    {
        var wait = ++_wait;
        pending.PipeTo(Self, success: answer => new WaitOver(wait, answer), failure: e => new WaitOver(wait, e));
        return Step.Wait;
    }

    private void BeginWait()
    {
        _waiting = true;
        _waitingSince = Services.Time.GetTimestamp();
    }

    private void OnWaitOver(WaitOver over)
    {
        if (!_waiting || over.Wait != _wait)
        {
            Drop(over.Answer);
        }
        else if (over.Answer is Exception)
        {
            EndWait();
        }
        else
        {
            Take(over.Answer);
            Resume();
        }
    }

    /// <summary>Nobody answers: the client hears so.</summary>
    private void EndWait()
    {
        _wait++;
        if (TakeUnavailable())
        {
            Resume();
        }
        else
        {
            Connection.Abort();
            Context.Stop(Self);
        }
    }

    private sealed record WaitOver(long Wait, object Answer) : INoSerializationVerificationNeeded;
}
