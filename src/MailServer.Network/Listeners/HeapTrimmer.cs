using System.Runtime.InteropServices;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners;

/// <summary>
/// Returns memory to the system after a burst of connections: OpenSSL's many small allocations fragment glibc's heap, which keeps the memory (15 KB per
/// connection, measured) until it is trimmed.
/// </summary>
public sealed partial class HeapTrimmer : IDisposable
{
    private const int Wave = 256;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly MallocTrim? Trim = FindTrim();
    private readonly ConnectionGate _gate;
    private readonly PeriodicWork _looking;
    private int _highest;

    public HeapTrimmer(ConnectionGate gate, TimeProvider time, ILogger<HeapTrimmer> log)
    {
        _gate = gate;
        _looking = new PeriodicWork(Interval, new ExponentialBackoff(Interval, LongestPause), Look, (e, _) => LogFailed(log, e), time);
    }

    private delegate int MallocTrim(nuint pad);

    public void Dispose() => _looking.Dispose();

    private void Look()
    {
        var count = _gate.Count;
        _highest = Math.Max(_highest, count);
        if (_highest - count < Wave) return;
        _highest = count;
        Trim?.Invoke(0);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unused memory could not be returned to the system")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    // Only glibc has malloc_trim.
    private static MallocTrim? FindTrim() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "malloc_trim", out var address)
            ? Marshal.GetDelegateForFunctionPointer<MallocTrim>(address)
            : null;
}
