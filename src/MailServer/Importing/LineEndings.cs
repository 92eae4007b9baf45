namespace MailServer.Importing;

/// <summary>Converts line endings to CRLF, with which messages are stored.</summary>
internal static class LineEndings
{
    public static ReadOnlyMemory<byte> ToCrlf(ReadOnlyMemory<byte> content)
    {
        var bare = Count(content.Span);
        if (bare == 0) return content;
        var made = new byte[content.Length + bare];
        var (at, previous) = (0, (byte)0);
        foreach (var octet in content.Span)
        {
            if (octet == (byte)'\n' && previous != (byte)'\r') made[at++] = (byte)'\r';
            made[at++] = previous = octet;
        }

        return made;
    }

    private static int Count(ReadOnlySpan<byte> content)
    {
        var (bare, previous) = (0, (byte)0);
        foreach (var octet in content)
        {
            if (octet == (byte)'\n' && previous != (byte)'\r') bare++;
            previous = octet;
        }

        return bare;
    }
}
