using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Web.Admin;

/// <summary>The binary format of a batch of imported messages on the admin socket: a count, then the metadata and content of each message.</summary>
public static class ImportBatchCodec
{
    public const int MaxMessages = 1_000;
    private const int MaxKeywords = 100;

    public static byte[] Write(IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var stream = new MemoryStream(batch.Sum(static m => m.Content.Length + 256));
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(batch.Count);
            foreach (var (message, content) in batch)
            {
                writer.Write(message.Id.Value);
                writer.Write(message.Folder.Value);
                writer.Write((int)message.Flags.System);
                writer.Write(message.Flags.Keywords.Count);
                foreach (var keyword in message.Flags.Keywords.Keywords) writer.Write(keyword);
                writer.Write(message.Date.ToUnixTimeSeconds());
                writer.Write((short)message.Date.TotalOffsetMinutes);
                writer.Write(message.IsSubscribed);
                writer.Write(content.Length);
                writer.Write(content.Span);
            }
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The data is not a valid batch.</exception>
    public static IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> Read(byte[] octets)
    {
        using var reader = new BinaryReader(new MemoryStream(octets), Encoding.UTF8);
        try
        {
            var batch = new (ImportedMessage, ReadOnlyMemory<byte>)[Bounded(reader.ReadInt32(), MaxMessages)];
            for (var i = 0; i < batch.Length; i++) batch[i] = ReadMessage(reader);
            return batch;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("the batch is damaged", e);
        }
    }

    private static (ImportedMessage Message, ReadOnlyMemory<byte> Content) ReadMessage(BinaryReader reader)
    {
        var id = reader.ReadString();
        if (id.Length is 0 or > 100 || id[0] == '.' || !id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) throw new InvalidDataException("a spool id is malformed");
        if (!FolderName.TryParse(reader.ReadString(), out var folder)) throw new InvalidDataException("a folder name is malformed");
        var system = (SystemFlags)reader.ReadInt32();
        var keywords = new string[Bounded(reader.ReadInt32(), MaxKeywords)];
        for (var i = 0; i < keywords.Length; i++) keywords[i] = reader.ReadString();
        var date = DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64()).ToOffset(TimeSpan.FromMinutes(reader.ReadInt16()));
        var isSubscribed = reader.ReadBoolean();
        var length = reader.ReadInt32();
        var content = reader.ReadBytes(Bounded(length, int.MaxValue));
        if (content.Length != length) throw new InvalidDataException("a message is truncated");
        return (new ImportedMessage(new SpoolId(id), folder, new MessageFlags(system, KeywordSet.Of(keywords)), date, isSubscribed), content);
    }

    private static int Bounded(int number, int max) => number >= 0 && number <= max ? number : throw new InvalidDataException("a number is out of range");
}
