using System.Text;
using MailServer.Common;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands;

/// <summary>
/// Standard output of a command. When it cannot be written (a full disk), the command fails with one line; when its reader has gone away (<c>| head</c>), the
/// command ends silently with the exit code that a shell reports for SIGPIPE.
/// </summary>
internal sealed class CommandOutput(Stream output) : WriteOnlyStream
{
    /// <summary>A writer of text to standard output.</summary>
    public static TextWriter WriterOf(Stream output, Encoding encoding) => TextWriter.Synchronized(new StreamWriter(new CommandOutput(output), WithoutMark(encoding)) { AutoFlush = true });

    /// <summary>A writer of errors, which are lost when they cannot be written: there is no other place for them.</summary>
    public static TextWriter ErrorWriterOf(Stream error, Encoding encoding) => TextWriter.Synchronized(new StreamWriter(new LossyOutput(error), WithoutMark(encoding)) { AutoFlush = true });

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            output.Write(buffer);
        }
        catch (IOException e)
        {
            throw e.HResult == DescriptorStream.Closed ? new OutputClosedException() : new CommandFailure($"standard output cannot be written: {e.Message}");
        }
    }

    private static Encoding WithoutMark(Encoding encoding) => encoding is UTF8Encoding ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) : encoding;

    private sealed class LossyOutput(Stream error) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                error.Write(buffer);
            }
            catch (IOException)
            {
                // The exit code still tells that the command failed.
            }
        }
    }
}
