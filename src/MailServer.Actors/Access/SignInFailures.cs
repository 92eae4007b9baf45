namespace MailServer.Actors.Access;

/// <summary>The failures and running attempts of one network or login. Access only under the guard's lock.</summary>
internal sealed class SignInFailures
{
    private const int MostTried = 64;
    private const int MostRepetitions = 30;
    private static readonly TimeSpan FreeAgain = TimeSpan.FromSeconds(10);

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

    // Digests of wrong secrets with their logins, and how many repetitions of them are free at the moment.
    private readonly HashSet<ulong> _tried = [];
    private double _freeRepetitions = MostRepetitions;
    private DateTimeOffset _repeatedAt;

    /// <summary>
    /// True for an attempt with the same login and secret as an earlier one: a device that has an old password sends it again and again, and nobody learns anything from that. Only so
    /// many are free in a time, because each is work.
    /// </summary>
    /// <param name="secret">A digest of login and secret; null if they are not known.</param>
    /// <param name="now">The current time.</param>
    public bool IsRepetition(ulong? secret, DateTimeOffset now)
    {
        if (secret is not { } digest) return false;
        if (!_tried.Contains(digest))
        {
            if (_tried.Count >= MostTried) _tried.Clear();
            _tried.Add(digest);
            return false;
        }

        var passed = now - _repeatedAt;
        _repeatedAt = now;
        if (passed > TimeSpan.Zero) _freeRepetitions = Math.Min(MostRepetitions, _freeRepetitions + (passed / FreeAgain));
        if (_freeRepetitions < 1) return false;
        _freeRepetitions--;
        return true;
    }

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
