using System.Runtime.InteropServices;

namespace MailServer.Network.Listeners;

/// <summary>
/// Gives memory back to the system after a wave of connections: OpenSSL's many small pieces leave glibc's heap full of holes, which it keeps
/// (15 KB a connection, measured) until it is told to trim.
/// </summary>
public sealed class HeapTrimmer : IDisposable
{
    private const int Wave = 256;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly MallocTrim? Trim = FindTrim();
    private readonly ConnectionGate _gate;
    private readonly ITimer _timer;
    private int _highest;

    public HeapTrimmer(ConnectionGate gate, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _gate = gate;
        _timer = time.CreateTimer(static trimmer => ((HeapTrimmer)trimmer!).Look(), this, Interval, Interval);
    }

    private delegate int MallocTrim(nuint pad);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var count = _gate.Count;
        _highest = Math.Max(_highest, count);
        if (_highest - count < Wave) return;
        _highest = count;
        Trim?.Invoke(0);
    }

    // Only glibc has it.
    private static MallocTrim? FindTrim() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "malloc_trim", out var address)
            ? Marshal.GetDelegateForFunctionPointer<MallocTrim>(address)
            : null;
}
