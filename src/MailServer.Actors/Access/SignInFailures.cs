namespace MailServer.Actors.Access;

/// <summary>What the guard remembers of one network or one login. Used under the guard's lock alone.</summary>
internal sealed class SignInFailures
{
    private TaskCompletionSource? _ended;

    public int Count { get; set; }

    /// <summary>Attempts that have begun and whose outcome is not known: each may yet be a failure.</summary>
    public int Running { get; private set; }

    /// <summary>Attempts that wait for one of those to end.</summary>
    public int Waiting { get; set; }

    public int Bans { get; set; }

    /// <summary>The limit was reached and the ban is being stored.</summary>
    public bool IsBanning { get; set; }

    public DateTimeOffset LastAt { get; set; }

    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>Of a network: how many of its failures were whose.</summary>
    public Dictionary<string, int> OfLogins { get; } = new(StringComparer.Ordinal);

    /// <summary>Nothing refers to it, so it may be dropped.</summary>
    public bool IsIdle => Running == 0 && Waiting == 0 && !IsBanning;

    /// <summary>Even if every running attempt failed, one more would not exceed <paramref name="limit"/>.</summary>
    public bool HasRoom(int limit) => !IsBanning && Count + Running < limit;

    public void Begin() => Running++;

    public void End()
    {
        Running--;
        Wake();
    }

    /// <summary>Completes when an attempt has ended, or a ban was stored.</summary>
    public Task NextEnd() => (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Wake()
    {
        _ended?.TrySetResult();
        _ended = null;
    }

    public void Forgive()
    {
        Count = 0;
        OfLogins.Clear();
    }
}
