using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace MailServer.Actors.Serialization;

/// <summary>
/// Replaces the Akka serializers that create objects of any type named in a message: JSON (the fallback for all types), generated protobuf types, and
/// remote deployment of actors. Messages between nodes do not need them, and a message type missing from <see cref="WireCodecs"/> fails immediately.
/// </summary>
internal sealed class RefusingSerializer(ExtendedActorSystem system, Config settings) : Serializer(system)
{
    /// <summary>The replaced serializers by configuration name, with their identifiers.</summary>
    public static IReadOnlyDictionary<string, int> Replaced { get; } = new Dictionary<string, int> { ["json"] = 1, ["proto"] = 2, ["daemon-create"] = 3 };

    public override int Identifier { get; } = settings.GetInt("id");

    public override bool IncludeManifest => false;

    // This exception type does not close the connection between the nodes.
    public override byte[] ToBinary(object obj) => throw new SerializationException($"no wire codec for {obj?.GetType()}");

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("another node sent an object that has no wire codec");
}
