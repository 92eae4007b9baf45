using MailServer.Domain.Formatting;
using MailServer.Domain.Health;

namespace MailServer.Actors.Entities;

/// <summary>
/// Bounds the account databases that this node has open, because each one in use holds two files. When the limit is near, the stores that were not used for
/// the longest time are asked to close. A node on which too many are busy is reported. Thread-safe.
/// </summary>
public sealed class OpenStores(int most, NodeProblems problems)
{
    internal const string Subject = "open mailboxes";

    /// <summary>How many stores are asked to close for each one that opens near the limit. More than one, because some of them are busy.</summary>
    private const int AskedNearLimit = 2;

    /// <summary>The same when the limit is reached and an account waits.</summary>
    private const int AskedAtLimit = 16;

    private readonly Lock _gate = new();
    private readonly HashSet<OpenStorePlace> _places = [];

    /// <summary>No limit.</summary>
    public static OpenStores Unlimited { get; } = new(int.MaxValue, new NodeProblems());

    private int Near => most - (most / 8);

    /// <summary>Counts a database that is about to be opened, until the place is disposed of.</summary>
    /// <param name="askToClose">Asks the owner of the store to close it if it is idle. Called from any thread; must not block.</param>
    /// <exception cref="TooManyOpenStoresException">Too many are open; others were asked to close.</exception>
    public OpenStorePlace Enter(Action askToClose)
    {
        OpenStorePlace? place = null;
        OpenStorePlace[] asked = [];
        lock (_gate)
        {
            if (_places.Count >= Near) asked = LeastRecentlyUsed(_places.Count < most ? AskedNearLimit : AskedAtLimit);
            if (_places.Count < most) _places.Add(place = new OpenStorePlace(Leave, askToClose));
        }

        foreach (var other in asked) other.AskToClose();
        return place ?? throw new TooManyOpenStoresException("too many mailboxes are in use for the limit of open files");
    }

    /// <summary>Reports that an account was refused because no store was closed in time.</summary>
    public void ReportRefused() => problems.Report(new NodeProblem(
        Subject, $"{Quantity.Of(most, "mailbox database")} and calendar databases are in use, which is all that the limit of open files allows: other accounts are unavailable, and their mail waits",
        "raise the limit ('ulimit -n', or LimitNOFILE= of the systemd unit) and restart the server"));

    private void Leave(OpenStorePlace place)
    {
        bool hasRoom;
        lock (_gate)
        {
            _places.Remove(place);
            hasRoom = _places.Count <= Near;
        }

        // With some distance, so that the report does not come and go with every request.
        if (hasRoom) problems.Clear(Subject);
    }

    private OpenStorePlace[] LeastRecentlyUsed(int count)
    {
        var oldest = new PriorityQueue<OpenStorePlace, long>(count + 1);
        foreach (var place in _places)
        {
            if (place.IsAsked) continue;
            oldest.Enqueue(place, -place.LastUsed);
            if (oldest.Count > count) oldest.Dequeue();
        }

        return [.. oldest.UnorderedItems.Select(static item => item.Element)];
    }
}

/// <summary>One open store among the <see cref="OpenStores"/> of the node.</summary>
public sealed class OpenStorePlace : IDisposable
{
    private readonly Action<OpenStorePlace> _leave;
    private readonly Action _askToClose;
    private long _lastUsed = Environment.TickCount64;
    private volatile bool _isAsked;

    internal OpenStorePlace(Action<OpenStorePlace> leave, Action askToClose) => (_leave, _askToClose) = (leave, askToClose);

    /// <summary>Time of the last use, in milliseconds since the start of the machine.</summary>
    internal long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>True when the store was asked to close and has not been used since.</summary>
    internal bool IsAsked => _isAsked;

    /// <summary>Notes that the store is in use, so that others are asked to close first.</summary>
    public void Use()
    {
        Volatile.Write(ref _lastUsed, Environment.TickCount64);
        if (_isAsked) _isAsked = false;
    }

    public void Dispose() => _leave(this);

    internal void AskToClose()
    {
        _isAsked = true;
        _askToClose();
    }
}

/// <summary>The database of an account was not opened because too many are open (<see cref="OpenStores"/>); the cause is reported there.</summary>
public sealed class TooManyOpenStoresException(string message) : IOException(message);
