using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A safetensors file open for reading, mapped into memory: only the pages that are read are loaded. All that its header says was
/// checked against the file before it is here.</summary>
/// <remarks>Tensors read to the processor live on the map, and keep it alive after <see cref="Dispose"/>. A mapped file must not be cut short
/// by others while it is read; <see cref="Safetensors.Save"/> never does, for it renames.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedViewAccessor view;
    private readonly bool changeable;
    private readonly long dataStart;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(string path, MemoryMappedViewAccessor view, bool changeable, long dataStart, Dictionary<string, SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        (Path, this.view, this.changeable, this.dataStart, this.entries, Metadata) = (path, view, changeable, dataStart, entries, metadata);
        Names = [.. entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End).Select(e => e.Name)];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors' names, in the order of their bytes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The texts that the writer left beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What the header says of a tensor.</summary>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    public SafetensorsEntry this[string name] => entries.TryGetValue(name, out var entry) ? entry : throw new KeyNotFoundException(
        $"{Path} has no tensor '{name}'. It has {string.Join(", ", Names.Take(20))}{(Names.Count > 20 ? ", ..." : "")}.");

    /// <summary>Whether the file has a tensor of that name.</summary>
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="SafetensorsException">The file is not valid.</exception>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public static SafetensorsFile Open(string path) => Open(path, changeable: false);

    /// <summary>The same; where it is changeable, tensors on the map may change: a page that is written to becomes this process' own copy, and the file stays as
    /// it is.</summary>
    internal static SafetensorsFile Open(string path, bool changeable)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder, and a safetensors file was to be read there.");
        long size = FileSize.Of(path) ?? throw new FileNotFoundException($"There is no file {path}.", path);
        if (size < 8) throw new SafetensorsException(path, 0, $"it has {size} bytes, and the header's length alone takes 8. It was cut short, or is not a safetensors file.");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        long length = stream.Length;
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MostBytes)
            throw new SafetensorsException(path, 0, $"the header's length is given as {headerLength}, over the format's bound of {SafetensorsHeader.MostBytes}. It is not a safetensors file.");
        if ((long)headerLength > length - 8)
            throw new SafetensorsException(path, 0, $"the header's length is given as {headerLength}, and {length - 8} bytes follow. It was cut short, or is not a safetensors file.");
        var json = new byte[(int)headerLength];
        stream.ReadExactly(json);
        long dataStart = 8 + (long)headerLength;
        var header = new SafetensorsHeader(path, json, length - dataStart);
        var access = changeable ? MemoryMappedFileAccess.CopyOnWrite : MemoryMappedFileAccess.Read;
        using var map = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, leaveOpen: true);
        return new SafetensorsFile(path, map.CreateViewAccessor(0, length, access), changeable, dataStart, header.Entries, header.Texts);
    }

    /// <summary>A tensor of the file. On a processor it lives on the mapped file without a copy and must only be read; elsewhere it is a copy.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="SafetensorsException">It is of a type that the engine does not read, an I64 or F64 number in it does not fit an
    /// Int32 or Float32, or it has more numbers than one tensor holds.</exception>
    public Tensor Read(string name, Device? device = null)
    {
        var entry = this[name];
        long offset = dataStart + entry.Begin;
        if (entry.DType is not { } dtype)
            throw new SafetensorsException(Path, offset, $"its numbers are {entry.Type}, and those read are F32, F64, F16, BF16, I32, I64, I8, U8 and BOOL. Convert the file first.", name);
        if (entry.Count > int.MaxValue || entry.Sizes.Any(size => size > int.MaxValue))
            throw new SafetensorsException(Path, offset, $"its shape {entry.Shape} has more than the {int.MaxValue:N0} numbers that one tensor holds. Split it.", name);
        int[] sizes = [.. entry.Sizes.Select(size => (int)size)];
        using var lease = new MapLease(view);
        byte* pointer = lease.Pointer + offset;
        var tensor = entry.Type switch
        {
            "I64" => Tensor.From(Narrow(entry, (long*)pointer), sizes, device),
            "F64" => Tensor.From(Narrow(entry, (double*)pointer), sizes, device),
            _ => Tensor.FromMemory(pointer, dtype, sizes, new MapLease(view), device, changeable),
        };
        tensor.Name = name;
        return tensor;
    }

    /// <summary>Lets go of the file. Tensors read from it stay good.</summary>
    public void Dispose() => view.Dispose();

    private int[] Narrow(SafetensorsEntry entry, long* source)
    {
        var numbers = new int[(int)entry.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            long number = source[i];
            if (number != (int)number)
                throw new SafetensorsException(Path, dataStart + entry.Begin + i * 8L, $"number {i} is {number}, which does not fit an Int32.", entry.Name);
            numbers[i] = (int)number;
        }
        return numbers;
    }

    private float[] Narrow(SafetensorsEntry entry, double* source)
    {
        var numbers = new float[(int)entry.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            double number = source[i];
            numbers[i] = (float)number;
            if (double.IsFinite(number) && !float.IsFinite(numbers[i]))
                throw new SafetensorsException(Path, dataStart + entry.Begin + i * 8L, $"number {i} is {number}, over the greatest Float32.", entry.Name);
        }
        return numbers;
    }

    /// <summary>Counts itself in and out of the map, so that the memory stays mapped while anybody uses it.</summary>
    private sealed class MapLease : IDisposable
    {
        private readonly System.Runtime.InteropServices.SafeBuffer handle;
        private bool held;

        public MapLease(MemoryMappedViewAccessor view)
        {
            handle = view.SafeMemoryMappedViewHandle;
            byte* pointer = null;
            handle.AcquirePointer(ref pointer);
            held = true;
            Pointer = pointer + view.PointerOffset;
        }

        public byte* Pointer { get; }

        public void Dispose()
        {
            if (!held) return;
            held = false;
            handle.ReleasePointer();
            GC.SuppressFinalize(this);
        }

        // Its last tensor was forgotten. The handle is critical-finalizable, so it still counts here.
        ~MapLease() => Dispose();
    }
}
