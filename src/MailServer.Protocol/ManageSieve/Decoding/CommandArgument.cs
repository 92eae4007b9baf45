using System.Text;

namespace MailServer.Protocol.ManageSieve.Decoding;

/// <summary>The kinds of words of a command.</summary>
internal enum ArgumentKind
{
    /// <summary>A word without quotes: the command's name, or a number.</summary>
    Atom,

    /// <summary>A quoted string or a literal; the two mean the same everywhere.</summary>
    Text,
}

/// <summary>A word of a command.</summary>
internal sealed record CommandArgument(ArgumentKind Kind, byte[] Octets)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the octets as UTF-8; false if they are none.</summary>
    public bool TryRead(out string text)
    {
        try
        {
            text = Strict.GetString(Octets);
            return true;
        }
        catch (ArgumentException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>Omits the octets, because this text may be logged.</summary>
    public override string ToString() => $"{Kind} ({Octets.Length})";
}
