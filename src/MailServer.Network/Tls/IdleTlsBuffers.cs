using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MailServer.Network.Tls;

/// <summary>
/// Makes OpenSSL free the record buffers of a connection (17 KB each) whenever they are empty, as <c>SSL_MODE_RELEASE_BUFFERS</c> does; most mail sessions
/// are idle, and .NET has no setting for this. It reads the handle from a private field of <see cref="SslStream"/>; if the field or the library is not as
/// expected, nothing is changed and connections only use more memory.
/// </summary>
internal static class IdleTlsBuffers
{
    private const int SetMode = 33; // SSL_CTRL_MODE
    private const int ReleaseBuffers = 0x10; // SSL_MODE_RELEASE_BUFFERS
    private static readonly FieldInfo? Handle = typeof(SslStream).GetField("_securityContext", BindingFlags.NonPublic | BindingFlags.Instance);
    private static readonly SslControl? Control = FindControl();

    private delegate nint SslControl(nint ssl, int command, nint larg, nint parg);

    /// <summary>Call after the handshake and before using the stream. False when nothing was changed.</summary>
    public static bool Release(SslStream tls)
    {
        if (Control is null || Handle?.GetValue(tls) is not SafeHandle { IsInvalid: false } handle) return false;
        if (handle.GetType().Name != "SafeSslHandle") return false;
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return (Control(handle.DangerousGetHandle(), SetMode, ReleaseBuffers, 0) & ReleaseBuffers) != 0;
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    /// <summary>Uses the library that the runtime has loaded: a handle must not be passed to another copy of OpenSSL.</summary>
    private static SslControl? FindControl()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var paths = File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
                .Where(path => path.Contains("/libssl.so", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToArray();
            return paths is [var path] && NativeLibrary.TryLoad(path, out var library) && NativeLibrary.TryGetExport(library, "SSL_ctrl", out var address)
                ? Marshal.GetDelegateForFunctionPointer<SslControl>(address)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
