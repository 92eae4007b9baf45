using System.Buffers;
using System.Globalization;
using System.Text;

namespace MailServer.Protocol.ManageSieve.Writing;

/// <summary>Writes responses (RFC 5804 §1.3 and §4).</summary>
internal static class ManageSieveWriter
{
    // RFC 5804 §4: longer strings are literals.
    private const int MaxQuoted = 1_024;

    extension(IBufferWriter<byte> output)
    {
        /// <summary>Writes text as it is; it must be ASCII.</summary>
        public void WriteAscii(string text) => output.Write(Encoding.ASCII.GetBytes(text));

        /// <summary>Writes a string: quoted if it can be, otherwise as a literal.</summary>
        public void WriteString(string text) => output.WriteString(Encoding.UTF8.GetBytes(text));

        /// <summary>Writes a string of octets.</summary>
        public void WriteString(ReadOnlySpan<byte> octets)
        {
            if (octets.Length > MaxQuoted || octets.IndexOfAny("\r\n\0"u8) >= 0)
            {
                output.WriteLiteral(octets);
                return;
            }

            output.Write("\""u8);
            foreach (var octet in octets)
            {
                if (octet is (byte)'"' or (byte)'\\') output.Write("\\"u8);
                output.Write([octet]);
            }

            output.Write("\""u8);
        }

        /// <summary>Writes a literal. Literals of a server have no plus.</summary>
        public void WriteLiteral(ReadOnlySpan<byte> octets)
        {
            output.WriteAscii(string.Create(CultureInfo.InvariantCulture, $"{{{octets.Length}}}\r\n"));
            output.Write(octets);
        }

        public void EndLine() => output.Write("\r\n"u8);

        /// <summary>Writes a capability; a value of null is one without value.</summary>
        public void WriteCapability(string name, string? value = null)
        {
            output.WriteString(name);
            if (value is not null)
            {
                output.Write(" "u8);
                output.WriteString(value);
            }

            output.EndLine();
        }

        /// <summary>Writes the final response to a command.</summary>
        public void WriteResult(ManageSieveResult result)
        {
            output.WriteAscii(result.Status);
            if (result.Code is { } code)
            {
                output.WriteAscii(" (" + code);
                if (result.Argument is { } argument)
                {
                    output.Write(" "u8);
                    if (code == "TAG") output.WriteLiteral(argument);
                    else output.WriteString(argument);
                }

                output.Write(")"u8);
            }

            if (result.Text is { } text)
            {
                output.Write(" "u8);
                output.WriteString(text);
            }

            output.EndLine();
        }
    }
}
