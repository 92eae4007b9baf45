using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Measurements;

namespace MailServer.Hosting;

/// <summary>
/// The queue of log lines to be written, bounded in octets: one bound for ordinary lines, and a separate reserve for the lines of
/// <see cref="SecurityLogEvents"/>. A line beyond its bound is dropped and counted, and a line with the count replaces the dropped lines. Thread-safe.
/// </summary>
/// <param name="most">The bound for ordinary lines, in octets.</param>
/// <param name="reserve">The bound for security lines, in octets.</param>
/// <param name="countLine">Formats the line with the numbers of dropped ordinary and security lines.</param>
internal sealed class LogQueue(int most, int reserve, Func<long, long, byte[]> countLine)
{
    private static readonly KeyValuePair<string, object?> OrdinaryKind = new("kind", "ordinary");
    private static readonly KeyValuePair<string, object?> SecurityKind = new("kind", "security");

    private readonly Lock _lock = new();
    private readonly Queue<(byte[] Octets, bool IsSecurity)> _lines = new();
    private long _ordinary;
    private long _security;
    private long _droppedOrdinary;
    private long _droppedSecurity;

    /// <summary>The number of queued lines.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _lines.Count;
        }
    }

    /// <summary>The number of lines dropped since the last count was written.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock) return _droppedOrdinary + _droppedSecurity;
        }
    }

    /// <summary>Adds a line; returns false when it was dropped.</summary>
    public bool TryAdd(byte[] octets, bool isSecurity)
    {
        lock (_lock)
        {
            if (_lines.Count > 0 && !HasRoom(octets.Length, isSecurity))
            {
                if (isSecurity) _droppedSecurity++;
                else _droppedOrdinary++;
                ServerMetrics.DroppedLogLines.Add(1, isSecurity ? SecurityKind : OrdinaryKind);
                return false;
            }

            // While ordinary lines are still being dropped, do not write a count before each security line.
            if (!isSecurity) AddCount();
            Add(octets, isSecurity);
            return true;
        }
    }

    /// <summary>Takes the oldest line, or the count of dropped lines when the queue is empty.</summary>
    public bool TryTake([NotNullWhen(true)] out byte[]? octets)
    {
        lock (_lock)
        {
            if (_lines.Count == 0) AddCount();
            var isThere = _lines.TryDequeue(out var line);
            octets = line.Octets;
            if (!isThere) return false;
            if (line.IsSecurity) _security -= line.Octets.Length;
            else _ordinary -= line.Octets.Length;
            return true;
        }
    }

    /// <summary>After a drop, ordinary lines are dropped until half of the queue is free, so that one count covers many of them.</summary>
    private bool HasRoom(int octets, bool isSecurity) => isSecurity
        ? _security + octets <= reserve
        : _ordinary + octets <= (_droppedOrdinary > 0 ? most / 2 : most);

    private void AddCount()
    {
        if (_droppedOrdinary + _droppedSecurity == 0) return;
        Add(countLine(_droppedOrdinary, _droppedSecurity), isSecurity: false);
        (_droppedOrdinary, _droppedSecurity) = (0, 0);
    }

    private void Add(byte[] octets, bool isSecurity)
    {
        _lines.Enqueue((octets, isSecurity));
        if (isSecurity) _security += octets.Length;
        else _ordinary += octets.Length;
    }
}
