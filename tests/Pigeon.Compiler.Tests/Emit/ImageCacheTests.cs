using System.Runtime.CompilerServices;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>The cache of compiled images, and the contexts that images are loaded into.</summary>
[Collection(nameof(Alone))]
public sealed class ImageCacheTests : IDisposable
{
    private static readonly Program Layer = Layers.Rgcn(3, 2);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pigeon-cache-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Second_compilation_comes_from_the_cache()
    {
        CompiledProgram first = Compile();
        CompiledProgram second = Compile();
        Assert.False(first.FromCache);
        Assert.True(second.FromCache);
        Assert.Equal(first.Image.ToArray(), second.Image.ToArray());
        Assert.NotNull(second.Load());
    }

    [Fact]
    public void Image_without_the_class_is_not_loaded() =>
        Assert.Throws<TypeLoadException>(() => GeneratedImage.Load(Compile().Image, "Pigeon.Generated.other_program"));

    [Fact]
    public void Program_that_is_known_is_neither_planned_nor_emitted_again()
    {
        GraphBinding graph = RandomGraphs.Create(1).Binding;
        CompiledProgram first = Compile(graph: graph);
        foreach (FileInfo file in folder.GetFiles("*.cs").Concat(folder.GetFiles("*.plan")))
        {
            file.Delete();
        }

        CompiledProgram second = Compile(graph: graph);
        Assert.True(second.FromCache);
        Assert.NotNull(second.Load());
        Assert.Empty(folder.GetFiles("*.cs"));
        Assert.Empty(folder.GetFiles("*.plan"));
        Assert.Equal(first.Plan.ToString(), second.Plan.ToString());
        Assert.Equal(first.Source.Source, second.Source.Source);
    }

    [Fact]
    public void Program_is_known_for_its_graph_and_options_only()
    {
        CompileOptions options = new() { Cache = folder, Lanes = 8, Graph = RandomGraphs.Create(1).Binding };
        var different = new List<CompileOptions>
        {
            options,
            options with { Graph = null },
            options with { Graph = RandomGraphs.Create(2).Binding },
            options with { Lanes = 4 },
            options with { Fuse = false },
            options with { FixedWeights = true },
            options with { Recompute = false },
            options with { OnlineSoftmax = true },
            options with { Storage = ElementType.BF16 },
            options with { Rewrites = RewriteFamilies.Compact },
            options with { Machine = MachineCosts.Default with { Row = 2 * MachineCosts.Default.Row } },
        };
        different.ForEach(each => ProgramCompiler.Compile(Layer, each));
        Assert.Equal(different.Count, folder.GetFiles("*.program").Length);
    }

    [Theory]
    [InlineData("image", "imago")]
    [InlineData("\nimage ", "\nimage ../")]
    [InlineData("program ", "program  ")]
    [InlineData("dst", "src")]
    public void Program_that_was_tampered_with_is_not_used(string old, string other)
    {
        Compile();
        FileInfo kept = Assert.Single(folder.GetFiles("*.program"));
        string text = File.ReadAllText(kept.FullName);
        File.WriteAllText(kept.FullName, text.Replace(old, other, StringComparison.Ordinal));
        Assert.NotEqual(text, File.ReadAllText(kept.FullName));
        Assert.Single(folder.GetFiles("*.cs")).Delete();
        Assert.False(Compile().FromCache);
        Assert.Equal(text, File.ReadAllText(kept.FullName));
        Assert.True(Compile().FromCache);
    }

    [Fact]
    public void Image_of_another_program_is_not_used()
    {
        Compile();
        FileInfo image = Assert.Single(folder.GetFiles("*.dll"));
        ProgramCompiler.Compile(Layers.Rgcn(5, 3), new() { Cache = folder, Lanes = 8 });
        FileInfo other = Assert.Single(folder.GetFiles("*.dll"), file => file.Name != image.Name);
        File.Copy(other.FullName, image.FullName, overwrite: true);
        Assert.False(Compile().FromCache);
    }

    [Theory]
    [InlineData("// other source")]
    [InlineData("")]
    public void Image_beside_another_source_is_not_used(string source)
    {
        Compile();
        File.WriteAllText(Assert.Single(folder.GetFiles("*.cs")).FullName, source);
        File.WriteAllText(Assert.Single(folder.GetFiles("*.dll")).FullName, "not an assembly");
        CompiledProgram again = Compile();
        Assert.False(again.FromCache);
        Assert.NotNull(again.Load());
        Assert.True(Compile().FromCache);
    }

    [Fact]
    public void Damaged_image_beside_its_own_source_is_not_used()
    {
        Compile();
        FileInfo image = Assert.Single(folder.GetFiles("*.dll"));
        byte[] bytes = File.ReadAllBytes(image.FullName);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(image.FullName, bytes);
        Assert.False(Compile().FromCache);
        Assert.True(Compile().FromCache);
    }

    [Theory]
    [InlineData("*.cs")]
    [InlineData("*.dll")]
    public void Missing_half_is_not_used(string half)
    {
        Compile();
        Assert.Single(folder.GetFiles("*.program")).Delete();
        Assert.Single(folder.GetFiles(half)).Delete();
        Assert.False(Compile().FromCache);
    }

    [Fact]
    public void Other_options_give_another_image()
    {
        Compile(lanes: 8);
        Assert.False(Compile(lanes: 4).FromCache);
        Assert.Equal(2, folder.GetFiles("*.dll").Length);
    }

    [Fact]
    public void Concurrent_compilations_share_a_folder()
    {
        CompiledProgram[] compiled = new CompiledProgram[6];
        Parallel.For(0, compiled.Length, i => compiled[i] = Compile());
        Assert.All(compiled, c => Assert.NotNull(c.Load()));
        Assert.Equal(3, folder.GetFiles().Length);
    }

    [Fact]
    public void Cache_that_can_not_be_written_is_no_error()
    {
        // A file stands where the folder should be: this stops even a user who may write everywhere.
        string file = Path.Combine(folder.FullName, "file");
        File.WriteAllText(file, "");
        Assert.NotNull(ProgramCompiler.Compile(Layer, new() { Cache = new(Path.Combine(file, "cache")) }).Load());
        Assert.NotNull(ProgramCompiler.Compile(Layer, new() { Cache = new(file) }).Load());
    }

    [Fact]
    public void Loaded_program_is_collected_when_nothing_holds_it()
    {
        WeakReference context = LoadAndRun();
        for (int i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LoadAndRun()
    {
        GeneratedProgram program = Compile().Load();
        GraphBinding graph = RandomGraphs.Create(1).Binding;
        Differential.Loaded(program, graph, Differential.Arguments(Layer, graph, 1), threads: 2);
        return new(program.GetType().Assembly);
    }

    private CompiledProgram Compile(int lanes = 8, GraphBinding? graph = null) =>
        ProgramCompiler.Compile(Layer, new() { Cache = folder, Lanes = lanes, Graph = graph });
}
