using System.Text;

namespace MailServer.Protocol.Sieve.Syntax;

/// <summary>The errors found in one script, in the order in which they were found, at most as many as allowed.</summary>
internal sealed class SieveErrors(string script, int most)
{
    private readonly List<Found> _found = [];

    public bool IsFull => _found.Count >= most;

    public int Count => _found.Count;

    /// <summary>Adds an error at an offset of the script; the first one at an offset counts.</summary>
    public void Add(int offset, string message, string? suggestion = null, bool canBeDeferred = false)
    {
        if (IsFull || _found.Exists(f => f.Offset == offset)) return;
        _found.Add(new Found(offset, message, suggestion, canBeDeferred));
    }

    /// <summary>
    /// Removes the errors from an index on if all of them say only that something is not available here, and returns the first one. With ihave they
    /// appear when the command runs (RFC 5463 §4).
    /// </summary>
    public string? TryDefer(int from)
    {
        if (_found.Count == from || _found.Skip(from).Any(f => !f.CanBeDeferred)) return null;
        var message = _found[from].Message;
        _found.RemoveRange(from, _found.Count - from);
        return message;
    }

    /// <summary>The errors in the order of their places.</summary>
    public IReadOnlyList<SieveError> ToList()
    {
        var errors = new List<SieveError>(_found.Count);
        var place = new SievePlace(script);
        foreach (var (offset, message, suggestion, _) in _found.OrderBy(f => f.Offset))
        {
            place.MoveTo(offset);
            errors.Add(new SieveError(place.Line, place.Column, message, suggestion));
        }

        return errors;
    }

    private sealed record Found(int Offset, string Message, string? Suggestion, bool CanBeDeferred);
}

/// <summary>Converts ascending offsets of a text to lines and columns.</summary>
internal sealed class SievePlace(string text)
{
    private int _at;

    public int Line { get; private set; } = 1;

    public int Column { get; private set; } = 1;

    public void MoveTo(int offset)
    {
        foreach (var rune in text.AsSpan(_at, Math.Clamp(offset, _at, text.Length) - _at).EnumerateRunes())
        {
            if (rune != new Rune('\n'))
            {
                Column++;
                continue;
            }

            Line++;
            Column = 1;
        }

        _at = Math.Max(_at, offset);
    }

    /// <summary>The lines of ascending offsets.</summary>
    public static int LineOf(string text, int offset) => 1 + text.AsSpan(0, Math.Min(offset, text.Length)).Count('\n');
}
