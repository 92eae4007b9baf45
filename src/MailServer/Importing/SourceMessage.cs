using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>A message as a source has it.</summary>
/// <param name="Folder">The folder's name here.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Date">When it came.</param>
/// <param name="Content">Its octets; line ends may be bare.</param>
internal sealed record SourceMessage(FolderName Folder, MessageFlags Flags, DateTimeOffset Date, ReadOnlyMemory<byte> Content);

/// <summary>Where mail comes from: one message after another, so that a mailbox of any size needs little memory.</summary>
internal interface IMailSource
{
    /// <summary>How many messages there are, when that is known cheaply.</summary>
    long? Count { get; }

    /// <summary>Messages in an order that is the same every time. What cannot be read is told to <paramref name="complain"/> and passed over.</summary>
    IAsyncEnumerable<SourceMessage> ReadAsync(Action<string> complain, CancellationToken cancel);
}
