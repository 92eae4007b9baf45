using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MailServer.Network.Tls;

/// <summary>
/// Tells OpenSSL to give back the record buffers of a connection (17 KB each) whenever they are empty, as its <c>SSL_MODE_RELEASE_BUFFERS</c> does;
/// .NET has no setting for it, and an idle session is the usual state of a mail client. Reaches through <see cref="SslStream"/>'s private field
/// to its handle; where that, or the library, looks different from what is expected, nothing is done and connections are merely larger.
/// </summary>
internal static class IdleBuffers
{
    private const int SetMode = 33; // SSL_CTRL_MODE
    private const int ReleaseBuffers = 0x10; // SSL_MODE_RELEASE_BUFFERS
    private static readonly FieldInfo? Handle = typeof(SslStream).GetField("_securityContext", BindingFlags.NonPublic | BindingFlags.Instance);
    private static readonly SslControl? Control = FindControl();

    private delegate nint SslControl(nint ssl, int command, nint larg, nint parg);

    /// <summary>After the handshake, before the stream is used. False: nothing was done.</summary>
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

    /// <summary>In the very library that the runtime has loaded: a handle of one OpenSSL must not meet the code of another.</summary>
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
