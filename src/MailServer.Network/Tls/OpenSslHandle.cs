using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MailServer.Network.Tls;

/// <summary>
/// Calls functions of OpenSSL for which .NET has no method. The handle comes from a private field of <see cref="SslStream"/>; if the field or the library is not as expected, nothing is called, and what
/// depends on it does without.
/// </summary>
internal static class OpenSslHandle
{
    private static readonly FieldInfo? Handle = typeof(SslStream).GetField("_securityContext", BindingFlags.NonPublic | BindingFlags.Instance);
    private static readonly nint Library = FindLibrary();

    /// <summary>A function of the library; null if there is none.</summary>
    public static T? Find<T>(string name) where T : Delegate =>
        Library != 0 && NativeLibrary.TryGetExport(Library, name, out var address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;

    /// <summary>Calls <paramref name="use"/> with the handle of a connection after its handshake; false if there is no handle.</summary>
    public static bool Use(SslStream tls, Func<nint, bool> use)
    {
        if (Handle?.GetValue(tls) is not SafeHandle { IsInvalid: false } handle || handle.GetType().Name != "SafeSslHandle") return false;
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return use(handle.DangerousGetHandle());
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    /// <summary>Uses the library that the runtime has loaded: a handle must not be passed to another copy of OpenSSL.</summary>
    private static nint FindLibrary()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        try
        {
            var paths = File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
                .Where(path => path.Contains("/libssl.so", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToArray();
            return paths is [var path] && NativeLibrary.TryLoad(path, out var library) ? library : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
