using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;

namespace MailServer.Configuration;

/// <summary>A key of the configuration: a property with <see cref="KeyAttribute"/>. Its value is a value, a list of values, a list of objects, or a section.</summary>
internal sealed class ConfigurationKey
{
    private readonly PropertyInfo _property;
    private readonly KeyAttribute _key;
    private readonly Type _type;
    private readonly ConfigurationValue? _value;

    private ConfigurationKey(PropertyInfo property, KeyAttribute key)
    {
        _property = property;
        _key = key;
        IsList = property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
        _type = IsList ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
        Keys = In(_type);
        _value = Keys.Count == 0 ? ConfigurationValues.For(key, _type) : null;
    }

    /// <summary>Such as <c>smtp_port</c> for <c>SmtpPort</c>.</summary>
    public string Name => JsonNamingPolicy.SnakeCaseLower.ConvertName(_property.Name);

    /// <summary>What it does, in Markdown.</summary>
    public string Text => _key.Text;

    /// <summary>A description of the allowed values.</summary>
    public string Allowed => _key.Allowed ?? _value?.Allowed ?? "";

    /// <summary>Whether the value is a list. A list may be a single value.</summary>
    public bool IsList { get; }

    /// <summary>Whether a list needs an item, or every item of a list needs the key.</summary>
    public bool IsRequired => _key.IsRequired;

    /// <summary>The keys of a section, or of each item of a list of objects; otherwise none.</summary>
    public IReadOnlyList<ConfigurationKey> Keys { get; }

    /// <summary>The keys of a type of options, in the order of its declaration. Other types have none.</summary>
    public static IReadOnlyList<ConfigurationKey> In(Type options) => options.Assembly != typeof(KeyAttribute).Assembly ? [] :
    [
        .. options.GetProperties().Select(static p => (Property: p, Key: p.GetCustomAttribute<KeyAttribute>())).Where(static p => p.Key is not null)
            .OrderBy(static p => p.Property.MetadataToken).Select(static p => new ConfigurationKey(p.Property, p.Key!)),
    ];

    /// <summary>Describes the key and, for a list of objects, those of its items.</summary>
    /// <param name="section">The path of the section.</param>
    /// <param name="defaults">Options with the default values.</param>
    public IEnumerable<ConfigurationKeyOutline> Outline(string section, object defaults)
    {
        var path = $"{section}.{Name}";
        var outline = new ConfigurationKeyOutline(path, Allowed, IsList, Text, _key.Example is null ? ConfigurationDefault.Write(ValueIn(defaults), Allowed) : null)
        {
            Example = _key.Example,
            IsFileReread = _key.IsFileReread,
            IsAdvised = _key.IsAdvised,
        };
        return [outline, .. Keys.SelectMany(k => k.Outline(path, NewItem()))];
    }

    /// <summary>An object of a list, or the options of a section, with default values.</summary>
    public object NewItem() => Activator.CreateInstance(_type)!;

    public object ValueIn(object options) => _property.GetValue(options)!;

    /// <summary>Sets a list of objects.</summary>
    public void Set(object options, IReadOnlyList<object> items) => _property.SetValue(options, ListOf(items));

    /// <summary>Sets the values, of which a list has any number and other keys exactly one. Returns false and the invalid value in <paramref name="refused"/> if one is not allowed.</summary>
    public bool TrySet(object options, IReadOnlyList<string> texts, [NotNullWhen(false)] out string? refused)
    {
        refused = "";
        if (IsRequired && texts.Count == 0) return false;
        var values = new List<object>(texts.Count);
        foreach (var text in texts)
        {
            refused = text;
            if (!_value!.TryReadObject(text, out var value)) return false;
            values.Add(value);
        }

        _property.SetValue(options, IsList ? ListOf(values) : values[0]);
        refused = null;
        return true;
    }

    private object ListOf(IReadOnlyList<object> items)
    {
        // Records with empty lists are equal only if it is the same empty list.
        if (items.Count == 0) return typeof(Array).GetMethod(nameof(Array.Empty))!.MakeGenericMethod(_type).Invoke(null, null)!;
        var list = Array.CreateInstance(_type, items.Count);
        for (var i = 0; i < items.Count; i++) list.SetValue(items[i], i);
        return list;
    }
}
