using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Reflection;
using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Serialization;

/// <summary>Creates a sample of any type that is sent between nodes with every field filled, and prints a value with all its fields.</summary>
internal sealed class WireSamples(Random random, IActorRef actor)
{
    /// <summary>The id of every spooled message; null: a new one each time.</summary>
    public string? SpoolName { get; init; }

    public object? Make(Type type, int depth = 3)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return random.Next(3) == 0 ? null : Make(inner, depth);
        if (Simple(type) is { } simple) return simple;
        if (type == typeof(MessageContent)) return null;
        if (type.IsEnum) return Enum.GetValues(type).GetValue(random.Next(Enum.GetValues(type).Length));
        if (type.IsGenericType && ElementOf(type) is { } element) return Collection(type, element, depth);
        return type.IsAbstract ? Make(Concrete(type, depth), depth - 1) : Record(type, depth);
    }

    // The queue stores times in UTC.
    private bool _inQueue;

    /// <summary>All public fields of a value as text: equal texts mean equal values.</summary>
    public static string Picture(object? value)
    {
        switch (value)
        {
            case null:
                return "null";
            case string or bool or Enum or IPAddress or IPEndPoint or DateTimeOffset or DateOnly or TimeSpan or EmailAddress or IActorRef or FolderName or CollectionPath or KeywordSet or UidSet:
                return Convert.ToString(value, CultureInfo.InvariantCulture)!;
            case DictionaryEntry or IFormattable:
                return Convert.ToString(value, CultureInfo.InvariantCulture)!;
            case System.Runtime.CompilerServices.ITuple values:
                return "(" + string.Join(", ", Enumerable.Range(0, values.Length).Select(i => Picture(values[i]))) + ")";
            case ReadOnlyMemory<byte> bytes:
                return Convert.ToHexString(bytes.Span);
            case ReadOnlyMemory<uint> numbers:
                return string.Join(',', numbers.ToArray());
            case UidList uids:
                return string.Join(',', uids.Span.ToArray());
            case IEnumerable values:
                return "[" + string.Join(", ", values.Cast<object?>().Select(Picture)) + "]";
        }

        var properties = value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0);
        return value.GetType().Name + "{" + string.Join("; ", properties.Select(p => p.Name + "=" + Picture(p.GetValue(value)))) + "}";
    }

    private object? Simple(Type type) => type switch
    {
        _ when type == typeof(string) => Text(),
        _ when type == typeof(bool) => random.Next(2) == 0,
        _ when type == typeof(int) => random.Next(int.MinValue, int.MaxValue),
        _ when type == typeof(uint) => (uint)random.NextInt64(1, uint.MaxValue),
        _ when type == typeof(long) => random.NextInt64(long.MinValue, long.MaxValue),
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(random.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.UnixEpoch.AddYears(80).Ticks), _inQueue ? TimeSpan.Zero : TimeSpan.FromMinutes(random.Next(-700, 700))),
        _ when type == typeof(DateOnly) => DateOnly.FromDayNumber(random.Next(1, 800_000)),
        _ when type == typeof(TimeSpan) => TimeSpan.FromTicks(random.NextInt64(long.MaxValue)),
        _ when type == typeof(EmailAddress) => EmailAddress.Parse($"{random.Next()}@example.test"),
        _ when type == typeof(FolderName) => FolderName.Parse("Grüße/" + random.Next()),
        _ when type == typeof(KeywordSet) => KeywordSet.Of("$a", "k" + random.Next()),
        _ when type == typeof(UidSet) => UidSet.Of((1u, 5u), (7u, (uint)random.Next(9, 100))),
        _ when type == typeof(UidList) => UidList.TakeOwnership(Ascending()),
        _ when type == typeof(ReadOnlyMemory<uint>) => (ReadOnlyMemory<uint>)Ascending(),
        _ when type == typeof(ReadOnlyMemory<byte>) => (ReadOnlyMemory<byte>)Bytes(),
        _ when type == typeof(byte[]) => Bytes(),
        _ when type == typeof(IPAddress) => new IPAddress(random.NextInt64(1, uint.MaxValue)),
        _ when type == typeof(IPEndPoint) => new IPEndPoint(IPAddress.IPv6Loopback, random.Next(65536)),
        _ when type == typeof(IActorRef) => actor,
        _ when type == typeof(object) => new MailboxProtocol.AccountRequest(new AccountId(random.Next()), new MailboxRequest.ListFolders(), random.Next()),
        _ when type == typeof(SpoolId) => new SpoolId(SpoolName ?? "1.M2P3Q" + random.Next() + ".a"),
        _ when type == typeof(CollectionPath) => new CollectionPath(CollectionSpace.Files, [Text(), Text()]),
        _ => null,
    };

    private uint[] Ascending() => [.. Enumerable.Range(0, random.Next(40)).Select(_ => (uint)random.Next(1, 100)).Distinct().Order()];

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    private string Text() => "té\r\n" + random.Next().ToString(CultureInfo.InvariantCulture);

    private static Type? ElementOf(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlySet<>)) return type.GenericTypeArguments[0];
        return definition == typeof(IReadOnlyDictionary<,>) ? typeof(KeyValuePair<,>).MakeGenericType(type.GenericTypeArguments) : null;
    }

    private object Collection(Type type, Type element, int depth)
    {
        var values = Array.CreateInstance(element, depth <= 0 ? 0 : random.Next(1, 4));
        for (var i = 0; i < values.Length; i++) values.SetValue(Make(element, depth - 1), i);
        if (type.GetGenericTypeDefinition() == typeof(IReadOnlySet<>)) return Activator.CreateInstance(typeof(HashSet<>).MakeGenericType(element), values)!;
        if (type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return type == typeof(IReadOnlyDictionary<string, int>) ? ((KeyValuePair<string, int>[])values).ToImmutableSortedDictionary() : ((KeyValuePair<string, string>[])values).ToImmutableDictionary();
        return values;
    }

    private Type Concrete(Type type, int depth)
    {
        var all = type.Assembly.GetTypes().Where(t => t.IsSubclassOf(type) && !t.IsAbstract).ToArray();
        // Recursive types must end.
        var plain = all.Where(t => !t.GetProperties().Any(p => p.PropertyType == type || p.PropertyType == typeof(IReadOnlyList<>).MakeGenericType(type))).ToArray();
        return depth > 0 ? all[random.Next(all.Length)] : plain[random.Next(plain.Length)];
    }

    private object Record(Type type, int depth)
    {
        _inQueue = type.Namespace == typeof(MailServer.Domain.Delivery.QueueItem).Namespace;
        if (type.GetProperty("Instance", BindingFlags.Public | BindingFlags.Static) is { } one && one.PropertyType == type) return one.GetValue(null)!;
        var made = type.GetConstructors().Where(c => !c.GetParameters().Any(p => p.ParameterType == type)).OrderByDescending(c => c.GetParameters().Length).FirstOrDefault() is { } constructor
            ? constructor.Invoke([.. constructor.GetParameters().Select(p => Make(p.ParameterType, depth - 1))])
            : Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(p => p.CanWrite && p.SetMethod!.IsPublic && p.GetIndexParameters().Length == 0))
        {
            if (property.PropertyType == type && depth <= 0) continue;
            property.SetValue(made, Make(property.PropertyType, depth - 1));
        }

        return made;
    }
}
