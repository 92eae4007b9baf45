using System.Diagnostics.CodeAnalysis;

namespace MailServer.Hosting;

/// <summary>
/// The lines that wait to be written, bounded by their octets: one bound for ordinary lines, and a reserve beside it for the lines of
/// <see cref="SecurityLines"/>, which ordinary ones never take. Beyond its bound a line is dropped and counted, and the count takes the place of the
/// dropped lines. Safe for use from any thread.
/// </summary>
/// <param name="most">Octets of ordinary lines.</param>
/// <param name="reserve">Octets of security lines.</param>
/// <param name="countLine">The line that tells how many ordinary and how many security lines were dropped.</param>
internal sealed class LogLines(int most, int reserve, Func<long, long, byte[]> countLine)
{
    private readonly Lock _lock = new();
    private readonly Queue<(byte[] Octets, bool IsSecurity)> _lines = new();
    private long _ordinary;
    private long _security;
    private long _droppedOrdinary;
    private long _droppedSecurity;

    /// <summary>Lines that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _lines.Count;
        }
    }

    /// <summary>How many lines were dropped since the last count was written.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock) return _droppedOrdinary + _droppedSecurity;
        }
    }

    /// <summary>False when the line was dropped.</summary>
    public bool TryAdd(byte[] octets, bool isSecurity)
    {
        lock (_lock)
        {
            if (_lines.Count > 0 && !HasRoom(octets.Length, isSecurity))
            {
                if (isSecurity) _droppedSecurity++;
                else _droppedOrdinary++;
                return false;
            }

            // A security line finds room while ordinary ones are still dropped: one count for all of them is enough.
            if (!isSecurity) AddCount();
            Add(octets, isSecurity);
            return true;
        }
    }

    /// <summary>The oldest line; when all are taken, the count of those dropped.</summary>
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

    /// <summary>Once lines were dropped, ordinary ones are dropped until half of the room is free: one count tells of many, and not each of one.</summary>
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
