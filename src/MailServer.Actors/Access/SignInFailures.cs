namespace MailServer.Actors.Access;

/// <summary>The failures and running attempts of one network or login. Access only under the guard's lock.</summary>
internal sealed class SignInFailures
{
    private TaskCompletionSource? _ended;

    public int Count { get; set; }

    /// <summary>Attempts in progress; each may still fail.</summary>
    public int Running { get; private set; }

    /// <summary>Attempts that wait for a running attempt to end.</summary>
    public int Waiting { get; set; }

    public int Bans { get; set; }

    /// <summary>The limit was reached and the ban is being stored.</summary>
    public bool IsBanning { get; set; }

    public DateTimeOffset LastAt { get; set; }

    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>For a network: number of failures per login.</summary>
    public Dictionary<string, int> ByLogin { get; } = new(StringComparer.Ordinal);

    /// <summary>No attempt refers to this entry, so it can be removed.</summary>
    public bool IsIdle => Running == 0 && Waiting == 0 && !IsBanning;

    /// <summary>True when one more attempt would not exceed <paramref name="limit"/> even if every running attempt, and as many on each other node, fails.</summary>
    public bool HasRoom(int limit, int nodes) => !IsBanning && (Running == 0 ? Count < limit : Count + ((Running + 1) * nodes) <= limit);

    public void Begin() => Running++;

    public void End()
    {
        Running--;
        Wake();
    }

    /// <summary>Completes when an attempt has ended or a ban has been stored.</summary>
    public Task WaitForEndAsync() => (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Wake()
    {
        _ended?.TrySetResult();
        _ended = null;
    }

    public void Forgive()
    {
        Count = 0;
        ByLogin.Clear();
    }
}
