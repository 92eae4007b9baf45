using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// Writes to a descriptor that the process was given, such as standard output, in order and at its position. Unlike the streams of the runtime it
/// reports a reader that has gone away: an <see cref="IOException"/> with <see cref="Closed"/> as its result.
/// </summary>
public sealed partial class DescriptorStream(SafeFileHandle descriptor) : WriteOnlyStream
{
    /// <summary>The error of a pipe or socket that nobody reads any more (EPIPE).</summary>
    public const int Closed = 32;

    private const int Interrupted = 4;
    private const int WouldBlock = 11;
    private const int ToWrite = 4; // POLLOUT

    /// <summary>Standard output (1) or standard error (2) of the process.</summary>
    public static DescriptorStream OfProcess(int number) => new(new SafeFileHandle(number, ownsHandle: false));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var written = WriteCall(descriptor, buffer, (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == Interrupted) continue;
            // The other side of a terminal or pipe may have made it non-blocking.
            if (error == WouldBlock) _ = PollCall([new Watched { Descriptor = (int)descriptor.DangerousGetHandle(), Events = ToWrite }], 1, -1);
            else throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCall(SafeFileHandle descriptor, ReadOnlySpan<byte> octets, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollCall(Watched[] watched, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct Watched
    {
        public int Descriptor;
        public short Events;
        public short Found;
    }
}
