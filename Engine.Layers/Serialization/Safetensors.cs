using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Writes safetensors files, which PyTorch, JAX, burn and others read.</summary>
/// <remarks>Source: https://github.com/huggingface/safetensors#format.</remarks>
public static class Safetensors
{
    private const int BytesAtOnce = 1 << 20;

    /// <summary>Writes tensors to a file, whole or not at all: to a temporary file beside it, flushed to the disk, then renamed over it.</summary>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="tensors">Names and tensors. Those on a reference device are written as Float32 too.</param>
    /// <param name="metadata">Texts to leave beside them.</param>
    /// <exception cref="ArgumentException">A name is there twice, or is the format's own <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">It could not be written; what was there before is unchanged.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        => SaveParts(path, tensors.Select(t => new SafetensorsPart(t.Key, t.Value.DType, t.Value.Shape, write => write(t.Value))), metadata);

    /// <summary>Writes tensors that are made one after another, each when its turn has come.</summary>
    internal static void SaveParts(string path, IEnumerable<SafetensorsPart> parts, IReadOnlyDictionary<string, string>? metadata, bool replaceLink = false)
    {
        // The largest numbers first, so that each tensor is aligned to its own.
        SafetensorsPart[] ordered = [.. parts.OrderByDescending(p => p.DType.Size())];
        byte[] header = Header(ordered, metadata);
        AtomicFile.Write(path, stream => Write(stream, header, ordered), replaceLink);
    }

    private static void Write(Stream stream, byte[] header, SafetensorsPart[] parts)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        var buffer = new byte[BytesAtOnce];
        foreach (var part in parts) part.Give(tensor => Write(stream, buffer, tensor));
    }

    private static void Write(Stream stream, byte[] buffer, Tensor tensor)
    {
        int size = tensor.DType.Size();
        for (int first = 0; first < tensor.Count;)
        {
            int count = Math.Min(buffer.Length / size, tensor.Count - first);
            tensor.CopyBytesTo(buffer.AsSpan(0, count * size), first);
            stream.Write(buffer, 0, count * size);
            first += count;
        }
    }

    private static byte[] Header(SafetensorsPart[] parts, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new ArrayBufferWriter<byte>();
        var names = new HashSet<string> { "__metadata__" };
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            if (metadata is not null)
            {
                writer.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            long begin = 0;
            foreach (var (name, dtype, shape, _) in parts)
            {
                if (!names.Add(name)) throw new ArgumentException($"The name '{name}' is there twice or is the format's own. Give each tensor a name of its own.", "tensors");
                long end = begin + (long)shape.Count * dtype.Size();
                writer.WriteStartObject(name);
                writer.WriteString("dtype", SafetensorsEntry.TypeOf(dtype));
                writer.WriteStartArray("shape");
                foreach (int size in shape.Sizes) writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(begin);
                writer.WriteNumberValue(end);
                writer.WriteEndArray();
                writer.WriteEndObject();
                begin = end;
            }
            writer.WriteEndObject();
        }
        int padding = -(8 + json.WrittenCount) & 63;                // spaces, so that the data begin with a cache line
        json.GetSpan(padding)[..padding].Fill((byte)' ');
        json.Advance(padding);
        return json.WrittenSpan.ToArray();
    }
}

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">Its type.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Give">Makes it, of that type and with as many numbers, and gives it to the writer, who is done with it on return.</param>
internal sealed record SafetensorsPart(string Name, DType DType, Shape Shape, Action<Action<Tensor>> Give);
