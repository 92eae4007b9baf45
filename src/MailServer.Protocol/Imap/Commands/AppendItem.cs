using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>What a line of APPEND or REPLACE contains, in order; an item with a literal is the last one of its line.</summary>
internal abstract record AppendItem
{
    private AppendItem() { }

    /// <summary>A literal whose octets follow the line.</summary>
    public virtual LiteralHeader? Literal => null;

    /// <summary>A message begins.</summary>
    public sealed record Begin(MessageFlags Flags, DateTimeOffset? InternalDate, bool IsCatenated) : AppendItem;

    /// <summary>Octets of the message; <paramref name="IsBinary"/> for literal8, which may contain NUL in the grammar.</summary>
    public sealed record Octets(LiteralHeader Header, bool IsBinary) : AppendItem
    {
        public override LiteralHeader? Literal => Header;
    }

    /// <summary>Another message, or a section of one, whose octets are copied (RFC 4469).</summary>
    public sealed record Url(string Text) : AppendItem;

    /// <summary>As <see cref="Url"/>, written as a literal.</summary>
    public sealed record UrlLiteral(LiteralHeader Header) : AppendItem
    {
        public override LiteralHeader? Literal => Header;
    }

    /// <summary>The message is complete.</summary>
    public sealed record End : AppendItem;
}
