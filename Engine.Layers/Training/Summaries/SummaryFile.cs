using System.Text.Json;

namespace Engine.Layers;

/// <summary>A model's summary as JSON: each layer an object, those within it in "children".</summary>
internal static class SummaryFile
{
    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(string path, ModelSummary summary) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        Write(json, summary.Root);
    });

    private static void Write(Utf8JsonWriter json, LayerSummary layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteString("path", layer.Path);
        json.WriteString("kind", layer.Kind);
        json.WriteString("settings", layer.Settings);
        json.WritePropertyName("output_shape");
        if (layer.OutputShape is { } shape)
        {
            json.WriteStartArray();
            foreach (int size in shape) json.WriteNumberValue(size);
            json.WriteEndArray();
        }
        else json.WriteNullValue();
        json.WriteNumber("parameters", layer.Parameters);
        json.WriteNumber("trainable", layer.Trainable);
        json.WriteNumber("bytes", layer.StateBytes);
        json.WriteNumber("flops", layer.Flops);
        json.WriteBoolean("repeat", layer.IsRepeat);
        json.WriteStartArray("children");
        foreach (var child in layer.Children) Write(json, child);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
