namespace MailServer.Network.Listeners;

/// <summary>
/// Creates connection ids: 12 characters (Crockford's base 32), unique unless the clock is set back across a restart, and sortable by time of arrival. 40
/// bits of milliseconds since 2020 and a 20-bit counter, whose overflow advances to the next millisecond.
/// </summary>
public sealed class ConnectionIds(TimeProvider time)
{
    private const int Length = 12;
    private const int CountBits = 20;
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _last;

    public string Next()
    {
        var floor = (long)(time.GetUtcNow() - Epoch).TotalMilliseconds << CountBits;
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(last + 1, floor);
            if (Interlocked.CompareExchange(ref _last, next, last) == last) return Format(next);
        }
    }

    private static string Format(long value) => string.Create(Length, value, static (text, rest) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, rest >>= 5) text[i] = "0123456789abcdefghjkmnpqrstvwxyz"[(int)(rest & 31)];
    });
}
