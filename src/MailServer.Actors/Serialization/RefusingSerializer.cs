using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace MailServer.Actors.Serialization;

/// <summary>
/// Stands in the place of those serializers of Akka that make objects of whatever type a message names: JSON, which would take everything that has no other
/// form, generated protobuf types, and actors that another node wants to start here. Nothing that goes between nodes needs them, and a message that
/// was forgotten in <see cref="WireForms"/> is to be seen at once.
/// </summary>
internal sealed class RefusingSerializer(ExtendedActorSystem system, Config settings) : Serializer(system)
{
    /// <summary>The serializers that are replaced, by their names in the configuration, with their identifiers on the wire.</summary>
    public static IReadOnlyDictionary<string, int> Replaced { get; } = new Dictionary<string, int> { ["json"] = 1, ["proto"] = 2, ["daemon-create"] = 3 };

    public override int Identifier { get; } = settings.GetInt("id");

    public override bool IncludeManifest => false;

    // The exception that does not end the connection between the nodes.
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj?.GetType()} has no form between nodes");

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("another node sent an object without a form between nodes");
}
