namespace MailServer.Actors.Serialization;

/// <summary>How one message type is encoded between nodes.</summary>
/// <param name="Type">The message type.</param>
/// <param name="Manifest">Names the format with its version, such as <c>mailbox.fetch-1</c>. A changed format gets a new manifest, and the old one stays readable.</param>
/// <param name="Write">Writes a message.</param>
/// <param name="Read">Reads a message.</param>
internal sealed record WireCodec(Type Type, string Manifest, Action<WireWriter, object> Write, Func<WireReader, object> Read);
