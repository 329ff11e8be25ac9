using System.Text.Json;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

internal sealed partial class PretrainedFolder
{
    /// <summary>Writes config.json and model.safetensors, each whole or not at all and in place of a link, under Hugging Face's names and in its shapes.</summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="model">The model, on any device.</param>
    /// <param name="names">Its parameters' names.</param>
    /// <param name="dtype">What numbers are written in: Float32, Float16 or BFloat16.</param>
    /// <param name="config">Writes the fields of config.json.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is another type.</exception>
    /// <exception cref="IOException">A file could not be written; what was there before is unchanged.</exception>
    public static void Save(string folder, Layer model, PretrainedNames names, DType dtype, Action<Utf8JsonWriter> config)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!dtype.IsFloat()) throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Weights are written as Float32, Float16 or BFloat16.");
        byte[] fields = Fields(dtype, config);                      // before anything is written
        Directory.CreateDirectory(folder);
        Safetensors.SaveParts(Path.Combine(folder, WeightsName), Parts(model, names, dtype), new Dictionary<string, string> { ["format"] = "pt" }, replaceLink: true);
        AtomicFile.Write(Path.Combine(folder, ConfigFile.Name), stream => stream.Write(fields), replaceLink: true);
    }

    private static byte[] Fields(DType dtype, Action<Utf8JsonWriter> config)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            config(json);
            json.WriteString("torch_dtype", dtype.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static IEnumerable<SafetensorsPart> Parts(Layer model, PretrainedNames names, DType dtype)
    {
        foreach (var (path, buffer) in model.State())
        {
            var weight = names.Of(path);
            int rows = buffer.Shape[0] / weight.Names.Count;
            for (int i = 0; i < weight.Names.Count; i++)
            {
                int first = i * rows;
                bool transposed = weight.Transposed && buffer.Shape.Rank == 2;
                Shape shape = transposed ? [buffer.Shape[1], rows] : [rows, .. buffer.Shape.Sizes[1..]];
                yield return new SafetensorsPart(weight.Names[i], dtype, shape, write =>
                {
                    using var noGrad = NoGrad.Begin();
                    using var scope = buffer.Value.Device.Scope(nameof(Save));
                    var part = buffer.Value.Narrow(0, first, rows);
                    write((transposed ? part.Permute(1, 0) : part).Cast(dtype));
                });
            }
        }
    }
}
