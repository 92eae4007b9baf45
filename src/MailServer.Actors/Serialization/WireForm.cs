namespace MailServer.Actors.Serialization;

/// <summary>How one type of message looks between nodes.</summary>
/// <param name="Type">The type.</param>
/// <param name="Manifest">Names the form, with its version: <c>mailbox.fetch-1</c>. A changed form gets a new one, and the old one stays readable.</param>
/// <param name="Write">Writes the message.</param>
/// <param name="Read">Reads it.</param>
internal sealed record WireForm(Type Type, string Manifest, Action<WireWriter, object> Write, Func<WireReader, object> Read);
