using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>The beginning of a message, for work that must be bounded. Disposing it does not dispose the message.</summary>
internal sealed class TruncatedContent(MessageContent content, long most) : MessageContent
{
    public override long Length { get; } = Math.Min(content.Length, most);

    public override int Read(long offset, Span<byte> destination) =>
        offset >= Length ? 0 : content.Read(offset, destination[..(int)Math.Min(destination.Length, Length - offset)]);
}
