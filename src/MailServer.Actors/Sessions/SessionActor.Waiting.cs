using Akka.Actor;
using MailServer.Domain;

namespace MailServer.Actors.Sessions;

// Every wait of a session ends with its answer, or at a deadline with a temporary refusal. A late answer is never mistaken for another.
internal abstract partial class SessionActor
{
    private long _wait;
    private long _waitingSince;
    private bool _isPaused;

    /// <summary>Time limit for the pending answer (<see cref="Limits"/>).</summary>
    protected abstract TimeSpan AnswerTimeout { get; }

    /// <summary>How long the session has been waiting for the pending answer.</summary>
    protected TimeSpan SinceWait => _waiting ? Services.Time.GetElapsedTime(_waitingSince) : TimeSpan.Zero;

    private bool IsOverdue
    {
        get
        {
            if (!_waiting || AnswerTimeout == Timeout.InfiniteTimeSpan) return false;
            if (Services.Time.GetElapsedTime(_waitingSince) > AnswerTimeout) return true;
            return _ending is not null && Services.Time.GetElapsedTime(_endingSince) > Services.Limits.SessionEndTimeout;
        }
    }

    /// <summary>How long the session needs no tick unless it receives another message.</summary>
    protected virtual TimeSpan TickPause => TimeSpan.Zero;

    /// <summary>Passes the pending answer to the protocol session.</summary>
    protected abstract void Take(object answer);

    /// <summary>Passes a temporary refusal in place of the missing answer. False when there is no such refusal; the connection is then aborted.</summary>
    protected abstract bool TakeUnavailable();

    /// <summary>Disposes the result of a late answer.</summary>
    protected virtual void Drop(object answer)
    {
    }

    /// <summary>Waits for <paramref name="pending"/>; its result is passed to <see cref="Take"/>.</summary>
    protected Step WaitFor<T>(Task<T> pending)
        where T : class
    {
        var wait = ++_wait;
        pending.PipeTo(Self, success: answer => new WaitCompleted(wait, answer), failure: e => new WaitCompleted(wait, e));
        return Step.Wait;
    }

    private void PauseTicks()
    {
        if (_flushing || _waiting || _ending is not null || !AwaitsClient || TickPause is not { Ticks: > 0 } pause) return;
        _isPaused = true;
        Context.Parent.Tell(new SessionProtocol.PauseTicks(pause));
    }

    private void ResumeTicks()
    {
        if (!_isPaused) return;
        _isPaused = false;
        Context.Parent.Tell(new SessionProtocol.PauseTicks(TimeSpan.Zero));
    }

    private void BeginWait()
    {
        _waiting = true;
        _waitingSince = Services.Time.GetTimestamp();
    }

    private void OnWaitOver(WaitCompleted over)
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

    /// <summary>The answer did not arrive in time: refuses the client's request.</summary>
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

    private sealed record WaitCompleted(long Wait, object Answer) : INoSerializationVerificationNeeded;
}
