using System.Buffers;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>Header fields in relaxed canonical form (RFC 6376 §3.4.2): lower-case name, unfolded value, runs of white space reduced to one space.</summary>
internal static class RelaxedHeaderWriter
{
    /// <summary>Writes <c>name:value</c> without CRLF.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var span = output.GetSpan(name.Length + value.Length + 1);
        System.Text.Ascii.ToLower(name, span, out var at);
        span[at++] = (byte)':';
        var space = false;
        foreach (var octet in value.Trim(" \t\r\n"u8))
        {
            if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                space = true;
                continue;
            }

            if (space) span[at++] = (byte)' ';
            space = false;
            span[at++] = octet;
        }

        output.Advance(at);
    }
}
